package dev.utter.worker.verification;

import static java.nio.charset.StandardCharsets.UTF_8;
import static java.util.Objects.requireNonNull;

import dev.utter.events.SynthesisCompleted;
import dev.utter.events.Topics;
import dev.utter.events.VerificationRequested;
import dev.utter.events.WatermarkVerified;
import dev.utter.worker.avro.EventDeserializer;
import dev.utter.worker.avro.EventSerializer;
import dev.utter.worker.cloudevents.CloudEvents;
import java.util.Map;
import org.apache.kafka.common.header.Headers;
import org.apache.kafka.streams.processor.api.Record;

/** The events of verification, to and from bytes. */
final class VerificationEvents implements AutoCloseable {
  private final EventDeserializer<SynthesisCompleted> completed;
  private final EventDeserializer<VerificationRequested> requested;
  private final EventSerializer serializer;
  private final CloudEvents cloudEvents;

  VerificationEvents(Map<String, ?> registryProperties, CloudEvents cloudEvents) {
    this.cloudEvents = requireNonNull(cloudEvents, "cloudEvents is null");
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

  /** The record of an event, whose request id is valid. */
  Record<byte[], byte[]> record(WatermarkVerified event) {
    Record<byte[], byte[]> record =
        new Record<>(
            event.getRequestId().getBytes(UTF_8),
            serializer.serialize(Topics.VERIFIED, event),
            event.getCheckedAt().toEpochMilli());
    cloudEvents.describe(event, record.headers());
    return record;
  }

  @Override
  public void close() {
    completed.close();
    requested.close();
    serializer.close();
  }
}
