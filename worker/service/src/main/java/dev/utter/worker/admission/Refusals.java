package dev.utter.worker.admission;

import static java.util.Objects.requireNonNull;

import dev.utter.events.SynthesisFailed;
import dev.utter.events.SynthesisRequested;
import dev.utter.events.Topics;
import dev.utter.worker.avro.EventSerializer;
import dev.utter.worker.cloudevents.CloudEvents;
import dev.utter.worker.failure.RequestFailedException;
import dev.utter.worker.rules.RequestIds;
import dev.utter.worker.streams.Emission;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.time.Instant;
import java.util.Map;
import java.util.UUID;
import org.apache.kafka.streams.processor.api.Record;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Turns a refusal into a {@code SynthesisFailed} under an id that is safe to handle. */
final class Refusals {
  private static final Logger LOGGER = LoggerFactory.getLogger(Refusals.class);

  private final EventSerializer serializer;
  private final CloudEvents cloudEvents;
  private final Clock clock;

  Refusals(EventSerializer serializer, CloudEvents cloudEvents, Clock clock) {
    this.cloudEvents = requireNonNull(cloudEvents, "cloudEvents is null");
    this.serializer = requireNonNull(serializer, "serializer is null");
    this.clock = requireNonNull(clock, "clock is null");
  }

  Emission refuse(SynthesisRequested request, RequestFailedException failure) {
    return refuse(RequestIds.safe(request.getRequestId()), echo(request), failure);
  }

  /**
   * Refuses what cannot be read as a request.
   *
   * @param id a valid id
   */
  Emission refuse(String id, RequestFailedException failure) {
    return refuse(id, Map.of(), failure);
  }

  private Emission refuse(
      String id, Map<String, String> attributes, RequestFailedException failure) {
    Instant now = clock.instant();
    SynthesisFailed event =
        SynthesisFailed.newBuilder()
            .setEventId(UUID.randomUUID())
            .setRequestId(id)
            .setCode(failure.code())
            .setField(failure.field().orElse(null))
            .setMessage(failure.getMessage())
            .setAttempt(0)
            .setAttributes(attributes)
            .setFailedAt(now)
            .build();
    Record<byte[], byte[]> record =
        new Record<>(
            id.getBytes(StandardCharsets.UTF_8),
            serializer.serialize(Topics.FAILED, event),
            now.toEpochMilli());
    cloudEvents.describe(event, record.headers());
    LOGGER
        .atInfo()
        .addKeyValue("requestId", id)
        .addKeyValue("outcome", failure.code())
        .addKeyValue("field", failure.field().orElse(null))
        .log("Request refused");
    return new Emission(Topics.FAILED, record);
  }

  /** Attributes past their limit are not echoed: the event might outgrow a record. */
  private static Map<String, String> echo(SynthesisRequested request) {
    return RequestRules.hasEchoableAttributes(request) ? request.getAttributes() : Map.of();
  }
}
