package dev.utter.worker.avro;

import static io.confluent.kafka.serializers.KafkaAvroDeserializerConfig.SPECIFIC_AVRO_READER_CONFIG;
import static io.confluent.kafka.serializers.KafkaAvroDeserializerConfig.SPECIFIC_AVRO_VALUE_TYPE_CONFIG;
import static java.util.Objects.requireNonNull;

import dev.utter.worker.failure.RetryLaterException;
import io.confluent.kafka.schemaregistry.client.rest.exceptions.RestClientException;
import io.confluent.kafka.serializers.KafkaAvroDeserializer;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.HashMap;
import java.util.Map;
import org.apache.avro.specific.SpecificRecord;

/**
 * Reads one kind of event. The reader's schema is always that of the event's class, so no record
 * can name another class to be loaded.
 *
 * <p>Threading: may be shared. The registry client below it caches schemas and blocks on its first
 * sight of an id.
 *
 * @param <T> the event
 */
public final class EventDeserializer<T extends SpecificRecord> implements AutoCloseable {
  private static final int HEADER_BYTES = 1 + Integer.BYTES;

  static {
    // Avro allocates what a record claims before it reads it: without limits twelve bytes can ask
    // for two gigabytes. Avro reads these once; what the command line says stands.
    limit("org.apache.avro.limits.string.maxLength", 16 << 20);
    limit("org.apache.avro.limits.bytes.maxLength", 16 << 20);
    limit("org.apache.avro.limits.collectionItems.maxLength", 1 << 20);
  }

  private final Class<T> type;
  private final Lookup lookup;

  /**
   * A reader of one kind of event.
   *
   * @param type the event's class
   * @param registryProperties Confluent's own configuration keys, {@code schema.registry.url} among
   *     them
   */
  public EventDeserializer(Class<T> type, Map<String, ?> registryProperties) {
    this.type = requireNonNull(type, "type is null");
    Map<String, Object> properties = new HashMap<>(registryProperties);
    properties.put(SPECIFIC_AVRO_READER_CONFIG, true);
    properties.put(SPECIFIC_AVRO_VALUE_TYPE_CONFIG, type);
    lookup = new Lookup();
    lookup.configure(properties, false);
  }

  /**
   * The event in these bytes.
   *
   * @param topic the topic they came from
   * @param data the record's value
   * @throws UndecodableRecordException if they can never be read as this event
   * @throws RetryLaterException if the registry cannot say now
   */
  public T deserialize(String topic, byte[] data) {
    int id = schemaId(data);
    lookup.fetch(topic, id);
    Object event;
    try {
      event = lookup.deserialize(topic, data);
    } catch (RuntimeException e) {
      if (RegistryFailures.isTemporary(e)) {
        throw new RetryLaterException("schema registry unavailable: " + RegistryFailures.say(e), e);
      }
      throw new UndecodableRecordException(
          "value does not read as "
              + type.getSimpleName()
              + " with schema id "
              + id
              + ": "
              + RegistryFailures.say(e),
          e);
    }
    if (!type.isInstance(event)) {
      throw new UndecodableRecordException(
          "value with schema id " + id + " is not a " + type.getSimpleName());
    }
    return type.cast(event);
  }

  private static void limit(String property, int value) {
    if (System.getProperty(property) == null) {
      System.setProperty(property, Integer.toString(value));
    }
  }

  private static int schemaId(byte[] data) {
    if (data == null) {
      throw new UndecodableRecordException("value is null");
    }
    if (data.length < HEADER_BYTES) {
      throw new UndecodableRecordException(
          "value of " + data.length + " bytes is too short for a magic byte and a schema id");
    }
    ByteBuffer buffer = ByteBuffer.wrap(data);
    byte magic = buffer.get();
    if (magic != 0) {
      throw new UndecodableRecordException(
          String.format("unknown magic byte 0x%02x, expected 0x00", magic));
    }
    return buffer.getInt();
  }

  @Override
  public void close() {
    lookup.close();
  }

  /** The genuine deserializer, with its schema lookup laid open. */
  private static final class Lookup extends KafkaAvroDeserializer {

    /** Fetches the writer's schema under the very cache key that {@code deserialize} will use. */
    private void fetch(String topic, int id) {
      try {
        String subject =
            strategyUsesSchema(false)
                ? getContextName(topic)
                : getSubjectName(topic, false, null, null);
        getSchemaRegistryClient().getSchemaBySubjectAndId(subject, id);
      } catch (RestClientException | IOException | RuntimeException e) {
        if (RegistryFailures.isUnknownSchema(e)) {
          throw new UndecodableRecordException("schema id " + id + " is not in the registry", e);
        }
        if (RegistryFailures.isUnusableSchema(e)) {
          throw new UndecodableRecordException(
              "schema id " + id + " is no usable Avro schema: " + RegistryFailures.say(e), e);
        }
        throw new RetryLaterException(
            "schema registry cannot give schema id " + id + ": " + RegistryFailures.say(e), e);
      }
    }
  }
}
