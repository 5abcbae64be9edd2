package dev.utter.worker.synthesis.event;

import static java.nio.charset.StandardCharsets.UTF_8;
import static java.util.Objects.requireNonNull;

import dev.utter.events.ContextNote;
import dev.utter.events.DeadLetterHeaders;
import dev.utter.events.FailureCode;
import dev.utter.events.ModelIdentity;
import dev.utter.events.Signature;
import dev.utter.events.StoredAudio;
import dev.utter.events.SynthesisCompleted;
import dev.utter.events.SynthesisFailed;
import dev.utter.events.SynthesisRequested;
import dev.utter.events.Topics;
import dev.utter.events.Watermark;
import dev.utter.worker.avro.EventSerializer;
import dev.utter.worker.cloudevents.CloudEvents;
import dev.utter.worker.intake.DeadLetter;
import dev.utter.worker.intake.Outcome;
import dev.utter.worker.rules.RequestIds;
import dev.utter.worker.signing.ClipSignature;
import dev.utter.worker.skip.SkippedException;
import dev.utter.worker.synthesis.clip.ClipFacts;
import dev.utter.worker.synthesis.clip.StoredClip;
import dev.utter.worker.synthesis.context.ContextNotes;
import dev.utter.worker.synthesis.job.Job;
import dev.utter.worker.synthesis.job.RequestState;
import dev.utter.worker.synthesis.job.StageTimes;
import dev.utter.worker.synthesis.request.Plan;
import java.time.Clock;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.UUID;
import org.apache.avro.specific.SpecificRecord;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.header.Header;
import org.jspecify.annotations.Nullable;

/**
 * Builds the records that are published at the end of a request. May throw {@link
 * dev.utter.worker.failure.RetryLaterException} while the registry is away. Thread-safe.
 */
public final class OutcomeEvents {
  private static final String SCHEME = "silentcipher-44.1k";

  private final EventSerializer serializer;
  private final CloudEvents cloudEvents;
  private final String worker;
  private final Clock clock;

  /** Events of this worker. */
  public OutcomeEvents(
      EventSerializer serializer, CloudEvents cloudEvents, String worker, Clock clock) {
    this.serializer = serializer;
    this.cloudEvents = cloudEvents;
    this.worker = worker;
    this.clock = clock;
  }

  /** A clip that was generated now, with the notes on its context. */
  public Outcome completed(Job job, RequestState.Ready ready, StoredClip clip, StageTimes times) {
    return completed(job, ready.plan(), clip, times, ContextNotes.of(ready.context()));
  }

  /** A clip that an earlier attempt had stored. */
  public Outcome completed(Job job, Plan plan, StoredClip clip, StageTimes times) {
    return completed(job, plan, clip, times, List.of());
  }

  private Outcome completed(
      Job job, Plan plan, StoredClip clip, StageTimes times, List<ContextNote> notes) {
    ClipFacts facts = clip.facts();
    SynthesisCompleted event =
        SynthesisCompleted.newBuilder()
            .setEventId(UUID.randomUUID())
            .setRequestId(plan.requestId())
            .setAudio(
                StoredAudio.newBuilder()
                    .setBucket(clip.location().bucket())
                    .setKey(clip.location().key())
                    .setVersionId(clip.head().versionId().orElse(null))
                    .setEtag(clip.head().etag())
                    .setSha256(facts.sha256())
                    .setSizeBytes(clip.head().size())
                    .build())
            .setFormat(plan.request().getOptions().getFormat())
            .setSampleRate(facts.sampleRate())
            .setDurationMillis(facts.durationMillis())
            .setFrames(facts.frames())
            .setFinishReason(facts.finishReason())
            .setSeed(facts.seed())
            .setModel(
                ModelIdentity.newBuilder()
                    .setName(facts.modelName())
                    .setRevision(facts.modelRevision())
                    .build())
            .setWatermark(
                Watermark.newBuilder()
                    .setScheme(SCHEME)
                    .setKeyId(facts.keyId())
                    .setConfidence(facts.confidence())
                    .build())
            .setTimings(times.event())
            .setAttempt(Math.max(1, job.delivery().starts()))
            .setWorker(worker)
            .setAttributes(plan.request().getAttributes())
            .setCompletedAt(clock.instant())
            .setContextNotes(notes)
            .setSignature(facts.signature().map(OutcomeEvents::signature).orElse(null))
            .build();
    ProducerRecord<byte[], byte[]> record = record(job, Topics.COMPLETED, plan.requestId(), event);
    cloudEvents.describe(event, record.headers());
    return new Outcome(Outcome.COMPLETED, List.of(record));
  }

  private static Signature signature(ClipSignature signature) {
    return Signature.newBuilder()
        .setKeyId(signature.keyId())
        .setCreatedAt(signature.createdAt())
        .setValue(signature.value())
        .build();
  }

  /**
   * A failure; with a dead letter where the request itself may be valid and an operator should
   * look.
   *
   * @param field path of the offending field, null if none
   */
  public Outcome failed(
      Job job,
      SynthesisRequested request,
      FailureCode code,
      @Nullable String field,
      String message,
      boolean deadLetter) {
    String id = RequestIds.safe(request.getRequestId());
    SynthesisFailed event =
        SynthesisFailed.newBuilder()
            .setEventId(UUID.randomUUID())
            .setRequestId(id)
            .setCode(code)
            .setField(field)
            .setMessage(message)
            .setAttempt(job.delivery().starts())
            .setWorker(worker)
            .setAttributes(request.getAttributes())
            .setFailedAt(clock.instant())
            .build();
    List<ProducerRecord<byte[], byte[]>> records = new ArrayList<>();
    records.add(failed(job, event));
    if (deadLetter) {
      records.add(letter(job, code.name(), message));
    }
    return new Outcome(code.name().toLowerCase(Locale.ROOT), records);
  }

  /**
   * For bytes that cannot be decoded as a request. Admission forwarded them under their key, and
   * the publisher that waits for that id gets its outcome.
   */
  public Outcome undecodable(Job job, String why) {
    return unread(
        job,
        Outcome.UNDECODABLE,
        FailureCode.INTERNAL,
        "the admitted record cannot be read: " + why,
        DeadLetterHeaders.UNDECODABLE,
        why);
  }

  /** For a record that an operator has skipped; it may not have been decoded. */
  public Outcome skipped(Job job, SkippedException why) {
    return unread(
        job,
        Outcome.SKIPPED,
        why.code(),
        requireNonNull(why.getMessage()),
        DeadLetterHeaders.SKIPPED,
        why.deadLetterMessage());
  }

  /** A failure by the record's key, if that is an id; the record may not have been decoded. */
  private Outcome unread(
      Job job, String kind, FailureCode code, String message, String reason, String letterMessage) {
    byte[] key = job.delivery().record().key();
    String id = key == null ? "" : new String(key, UTF_8);
    List<ProducerRecord<byte[], byte[]>> records = new ArrayList<>();
    if (RequestIds.isValid(id)) {
      SynthesisFailed event =
          SynthesisFailed.newBuilder()
              .setEventId(UUID.randomUUID())
              .setRequestId(id)
              .setCode(code)
              .setMessage(message)
              .setAttempt(job.delivery().starts())
              .setWorker(worker)
              .setAttributes(
                  job.request().map(SynthesisRequested::getAttributes).orElseGet(Map::of))
              .setFailedAt(clock.instant())
              .build();
      records.add(failed(job, event));
    }
    records.add(letter(job, reason, letterMessage));
    return new Outcome(kind, records);
  }

  /** For a record whose request has had its outcome. */
  public Outcome duplicate() {
    return new Outcome(Outcome.DUPLICATE, List.of());
  }

  private ProducerRecord<byte[], byte[]> failed(Job job, SynthesisFailed event) {
    ProducerRecord<byte[], byte[]> record = record(job, Topics.FAILED, event.getRequestId(), event);
    cloudEvents.describe(event, record.headers());
    return record;
  }

  private ProducerRecord<byte[], byte[]> letter(Job job, String reason, String message) {
    ProducerRecord<byte[], byte[]> letter =
        DeadLetter.of(Topics.DEAD_LETTERS, job.delivery().record(), reason, message);
    job.trace().send(Topics.DEAD_LETTERS, letter.headers());
    return letter;
  }

  /** A record of the outcome; keeps the header of a record that an operator published again. */
  private ProducerRecord<byte[], byte[]> record(
      Job job, String topic, String id, SpecificRecord event) {
    ProducerRecord<byte[], byte[]> record =
        new ProducerRecord<>(topic, id.getBytes(UTF_8), serializer.serialize(topic, event));
    Header redrives = job.delivery().record().headers().lastHeader(DeadLetterHeaders.REDRIVES);
    if (redrives != null) {
      record.headers().add(redrives);
    }
    job.trace().send(topic, record.headers());
    return record;
  }
}
