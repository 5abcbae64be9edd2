package dev.utter.worker.verification;

import dev.utter.events.SynthesisCompleted;
import dev.utter.events.Topics;
import dev.utter.events.VerificationRequested;
import dev.utter.events.WatermarkVerified;
import dev.utter.worker.avro.EventDeserializer;
import dev.utter.worker.avro.EventSerializer;
import java.util.Map;
import org.apache.kafka.common.header.Headers;

/** The events of verification, to and from bytes. */
final class VerificationEvents implements AutoCloseable {
  private final EventDeserializer<SynthesisCompleted> completed;
  private final EventDeserializer<VerificationRequested> requested;
  private final EventSerializer serializer;

  VerificationEvents(Map<String, ?> registryProperties) {
    completed = new EventDeserializer<>(SynthesisCompleted.class, registryProperties);
    requested = new EventDeserializer<>(VerificationRequested.class, registryProperties);
    serializer = new EventSerializer(registryProperties);
  }

  SynthesisCompleted completed(byte[] bytes) {
    return completed.deserialize(Topics.COMPLETED, bytes);
  }

  VerificationRequested requested(Headers headers, byte[] bytes) {
    return requested.deserialize(Topics.VERIFICATION_REQUESTS, headers, bytes);
  }

  byte[] bytes(WatermarkVerified event) {
    return serializer.serialize(Topics.VERIFIED, event);
  }

  @Override
  public void close() {
    completed.close();
    requested.close();
    serializer.close();
  }
}
