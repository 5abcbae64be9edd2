package dev.utter.worker.status;

import dev.utter.events.RequestStatus;
import dev.utter.events.SynthesisCompleted;
import dev.utter.events.SynthesisFailed;
import dev.utter.events.SynthesisStarted;
import dev.utter.events.Topics;
import dev.utter.events.WatermarkVerified;
import dev.utter.worker.avro.EventDeserializer;
import dev.utter.worker.avro.EventSerializer;
import java.util.List;
import java.util.Map;

/** The events of the status stage, to and from bytes. */
final class StatusEvents implements AutoCloseable {
  private final EventDeserializer<SynthesisStarted> started;
  private final EventDeserializer<SynthesisCompleted> completed;
  private final EventDeserializer<SynthesisFailed> failed;
  private final EventDeserializer<WatermarkVerified> verified;
  private final EventDeserializer<RequestStatus> status;
  private final EventSerializer serializer;

  StatusEvents(Map<String, ?> registryProperties) {
    started = new EventDeserializer<>(SynthesisStarted.class, registryProperties);
    completed = new EventDeserializer<>(SynthesisCompleted.class, registryProperties);
    failed = new EventDeserializer<>(SynthesisFailed.class, registryProperties);
    verified = new EventDeserializer<>(WatermarkVerified.class, registryProperties);
    status = new EventDeserializer<>(RequestStatus.class, registryProperties);
    serializer = new EventSerializer(registryProperties);
  }

  SynthesisStarted started(byte[] bytes) {
    return started.deserialize(Topics.STARTED, bytes);
  }

  SynthesisCompleted completed(byte[] bytes) {
    return completed.deserialize(Topics.COMPLETED, bytes);
  }

  SynthesisFailed failed(byte[] bytes) {
    return failed.deserialize(Topics.FAILED, bytes);
  }

  WatermarkVerified verified(byte[] bytes) {
    return verified.deserialize(Topics.VERIFIED, bytes);
  }

  RequestStatus status(byte[] bytes) {
    return status.deserialize(Topics.STATUS, bytes);
  }

  byte[] bytes(RequestStatus row) {
    return serializer.serialize(Topics.STATUS, row);
  }

  @Override
  public void close() {
    List.of(started, completed, failed, verified, status).forEach(EventDeserializer::close);
    serializer.close();
  }
}
