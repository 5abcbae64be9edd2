package dev.utter.worker.avro;

import dev.utter.worker.failure.RetryLaterException;
import dev.utter.worker.failure.WorkerBrokenException;
import io.confluent.kafka.serializers.KafkaAvroSerializer;
import java.util.Map;
import org.apache.avro.specific.SpecificRecord;

/**
 * Writes events in Confluent's wire format. Schemas are registered on first use unless the
 * properties say otherwise.
 *
 * <p>Threading: may be shared. The registry client below it blocks on the first event of a kind.
 */
public final class EventSerializer implements AutoCloseable {
  private final KafkaAvroSerializer serializer = new KafkaAvroSerializer();

  /**
   * A writer of events.
   *
   * @param registryProperties Confluent's own configuration keys, {@code schema.registry.url} among
   *     them
   */
  public EventSerializer(Map<String, ?> registryProperties) {
    serializer.configure(registryProperties, false);
  }

  /**
   * The bytes of an event.
   *
   * @param topic the topic they are for
   * @throws RetryLaterException if the registry cannot answer now
   * @throws WorkerBrokenException if the registry refuses the schema, or the event lacks a field
   */
  public byte[] serialize(String topic, SpecificRecord event) {
    try {
      return serializer.serialize(topic, event);
    } catch (RuntimeException e) {
      // Encoding writes to memory: an IOException here is always the registry's.
      if (RegistryFailures.isTemporary(e) || RegistryFailures.isInputOutput(e)) {
        throw new RetryLaterException("schema registry unavailable: " + RegistryFailures.say(e), e);
      }
      throw new WorkerBrokenException(
          "cannot write "
              + event.getSchema().getName()
              + " to "
              + topic
              + ": "
              + RegistryFailures.say(e),
          e);
    }
  }

  @Override
  public void close() {
    serializer.close();
  }
}
