package dev.utter.worker.avro;

import dev.utter.events.EventClasses;
import dev.utter.worker.avro.registry.RegistryAccess;
import dev.utter.worker.avro.registry.RegistryFailures;
import dev.utter.worker.failure.RetryLaterException;
import dev.utter.worker.failure.WorkerBrokenException;
import io.confluent.kafka.schemaregistry.client.rest.exceptions.RestClientException;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.apache.avro.Schema;
import org.apache.avro.io.BinaryEncoder;
import org.apache.avro.io.EncoderFactory;
import org.apache.avro.specific.SpecificData;
import org.apache.avro.specific.SpecificDatumWriter;
import org.apache.avro.specific.SpecificRecord;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Writes events in Confluent's wire format. A schema that its subject does not have is registered
 * on first use, unless the properties say otherwise.
 *
 * <p>Threading: may be shared. The registry client blocks on the first event of a kind.
 */
public final class EventSerializer implements AutoCloseable {
  private static final Logger LOGGER = LoggerFactory.getLogger(EventSerializer.class);

  static {
    EventClasses.trust();
  }

  private final RegistryAccess registry;
  private final WriterSchemas schemas;
  private final Map<Written, Integer> ids = new ConcurrentHashMap<>();

  private record Written(String topic, Schema schema) {}

  /**
   * A writer of events.
   *
   * @param registryProperties Confluent's own configuration keys, {@code schema.registry.url} among
   *     them
   */
  public EventSerializer(Map<String, ?> registryProperties) {
    registry = new RegistryAccess(registryProperties);
    schemas = new WriterSchemas(registry);
  }

  /**
   * The bytes of an event.
   *
   * @param topic the topic they are for
   * @throws RegistryRefusalException if the registry does not have or take the schema
   * @throws RetryLaterException if the registry cannot answer now
   * @throws WorkerBrokenException if the event lacks a field
   */
  public byte[] serialize(String topic, SpecificRecord event) {
    int id = id(new Written(topic, event.getSchema()));
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    bytes.write(0);
    bytes.writeBytes(ByteBuffer.allocate(Integer.BYTES).putInt(id).array());
    try {
      BinaryEncoder encoder = EncoderFactory.get().directBinaryEncoder(bytes, null);
      new SpecificDatumWriter<SpecificRecord>(
              event.getSchema(), SpecificData.getForClass(event.getClass()))
          .write(event, encoder);
      encoder.flush();
    } catch (IOException | RuntimeException e) {
      throw new WorkerBrokenException(
          "cannot write "
              + event.getSchema().getName()
              + " to "
              + topic
              + ": "
              + RegistryFailures.say(e),
          e);
    }
    return bytes.toByteArray();
  }

  private int id(Written written) {
    Integer known = ids.get(written);
    if (known != null) {
      return known;
    }
    try {
      int found = schemas.id(written.topic(), written.schema());
      ids.put(written, found);
      return found;
    } catch (RegistryRefusalException e) {
      LOGGER
          .atWarn()
          .addKeyValue("topic", written.topic())
          .addKeyValue("subject", e.subject())
          .addKeyValue("reason", e.getMessage())
          .log("Registry refuses the schema of an event; the event waits");
      throw e;
    } catch (IOException | RestClientException | RuntimeException e) {
      throw new RetryLaterException("schema registry unavailable: " + RegistryFailures.say(e), e);
    }
  }

  @Override
  public void close() {
    registry.close();
  }
}
