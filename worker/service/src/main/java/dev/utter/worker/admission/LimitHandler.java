package dev.utter.worker.admission;

import static java.nio.charset.StandardCharsets.UTF_8;
import static java.util.Objects.requireNonNull;

import dev.utter.events.FailureCode;
import dev.utter.events.SynthesisRequested;
import dev.utter.events.Topics;
import dev.utter.worker.avro.EventDeserializer;
import dev.utter.worker.avro.UndecodableRecordException;
import dev.utter.worker.failure.RequestFailedException;
import dev.utter.worker.publisher.PublisherSettings;
import dev.utter.worker.rules.ExpectedAudio;
import dev.utter.worker.skip.SkippedException;
import dev.utter.worker.streams.Emission;
import dev.utter.worker.streams.LenientTimestamps;
import dev.utter.worker.streams.RecordHandler;
import java.time.Clock;
import java.time.Instant;
import java.util.List;
import org.apache.kafka.streams.processor.api.ProcessorContext;
import org.apache.kafka.streams.processor.api.Record;

/**
 * Enforces the limits of the publishers. All requests of one publisher go to one task, whatever
 * their ids, so its usage is counted in one place. Each request was checked and took its id before.
 */
final class LimitHandler implements RecordHandler {
  private final PublisherSettings settings;
  private final PublisherUsages usages;
  private final EventDeserializer<SynthesisRequested> deserializer;
  private final Refusals refusals;
  private final Clock clock;
  private final AdmissionListener listener;

  LimitHandler(
      PublisherSettings settings,
      PublisherUsages usages,
      EventDeserializer<SynthesisRequested> deserializer,
      Refusals refusals,
      Clock clock,
      AdmissionListener listener) {
    this.settings = requireNonNull(settings, "settings is null");
    this.usages = requireNonNull(usages, "usages is null");
    this.deserializer = requireNonNull(deserializer, "deserializer is null");
    this.refusals = requireNonNull(refusals, "refusals is null");
    this.clock = requireNonNull(clock, "clock is null");
    this.listener = requireNonNull(listener, "listener is null");
  }

  /** A request for this handler, with its publisher as key and its original timestamp. */
  static Emission count(Record<byte[], byte[]> record, String publisher) {
    return new Emission(Topics.LIMITS, record.withKey(publisher.getBytes(UTF_8)));
  }

  @Override
  public void open(ProcessorContext<byte[], byte[]> context) {
    usages.open(context);
  }

  @Override
  public List<Emission> handle(Record<byte[], byte[]> record) {
    SynthesisRequested request = read(record);
    String publisher = new String(record.key(), UTF_8);
    Instant now = clock.instant();
    long published = LenientTimestamps.orPresent(record.timestamp(), now.toEpochMilli());
    PublisherUsage.Decision decision =
        usages
            .get(publisher)
            .decide(
                settings.limitsOf(publisher),
                Instant.ofEpochMilli(published),
                ExpectedAudio.millis(request),
                now);
    List<Emission> outcome =
        decision
            .pause()
            .map(pause -> refuse(request, publisher, pause.plusMillis(999).toSeconds()))
            .orElseGet(() -> admit(record, request, now));
    usages.put(publisher, decision.after());
    return outcome;
  }

  private SynthesisRequested read(Record<byte[], byte[]> record) {
    return deserializer.deserialize(Topics.REQUESTS, record.headers(), record.value());
  }

  private List<Emission> admit(
      Record<byte[], byte[]> record, SynthesisRequested request, Instant now) {
    listener.admitted(request.getPriority());
    return List.of(
        new Emission(
            Topics.lane(request.getPriority()),
            record
                .withKey(request.getRequestId().getBytes(UTF_8))
                .withTimestamp(now.toEpochMilli())));
  }

  private List<Emission> refuse(SynthesisRequested request, String publisher, long seconds) {
    return refuse(
        request,
        new RequestFailedException(
            FailureCode.RATE_LIMITED,
            null,
            "publisher %s has used its limit of %s: it has room again in about %d s"
                .formatted(publisher, settings.limitsOf(publisher), seconds)));
  }

  private List<Emission> refuse(SynthesisRequested request, RequestFailedException failure) {
    Emission refusal = refusals.refuse(request, failure);
    listener.refused(failure.code());
    return List.of(refusal);
  }

  /**
   * The request fails. Its id is only in the value, whose schema the registry must still know: the
   * key is the publisher.
   */
  @Override
  public List<Emission> skipped(Record<byte[], byte[]> record, SkippedException why) {
    try {
      return refuse(read(record), why);
    } catch (UndecodableRecordException e) {
      return List.of();
    }
  }

  /** The request fails: it took its id before, and has no outcome yet. */
  @Override
  public List<Emission> answer(Record<byte[], byte[]> record, RuntimeException fault) {
    SynthesisRequested request;
    try {
      request = read(record);
    } catch (UndecodableRecordException e) {
      return List.of();
    }
    return refuse(
        request,
        new RequestFailedException(
            FailureCode.INTERNAL, null, "unexpected error in admission: " + fault, fault));
  }
}
