package dev.utter.worker.verification;

import static java.util.Objects.requireNonNull;

import dev.utter.events.ObjectReference;
import dev.utter.events.StoredAudio;
import dev.utter.events.SynthesisCompleted;
import dev.utter.events.Topics;
import dev.utter.events.VerificationRequested;
import dev.utter.events.WatermarkVerified;
import dev.utter.worker.rules.Excerpt;
import dev.utter.worker.rules.ObjectNames;
import dev.utter.worker.rules.PublishedConfidence;
import dev.utter.worker.rules.RequestIds;
import dev.utter.worker.streams.Emission;
import dev.utter.worker.streams.RecordHandler;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import org.apache.kafka.streams.processor.api.ProcessorContext;
import org.apache.kafka.streams.processor.api.Record;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.slf4j.event.Level;

/** Answers each completed clip, and each request for a check, with one verdict. */
final class VerificationHandler implements RecordHandler {
  private static final Logger LOGGER = LoggerFactory.getLogger(VerificationHandler.class);

  private final VerificationEvents events;
  private final ClipCheck check;
  private final RequestRate rate;
  private final Clock clock;
  private final VerificationListener listener;

  @SuppressWarnings("NullAway.Init") // open() sets it.
  private ProcessorContext<byte[], byte[]> context;

  VerificationHandler(
      VerificationEvents events,
      ClipCheck check,
      RequestRate rate,
      Clock clock,
      VerificationListener listener) {
    this.events = requireNonNull(events, "events is null");
    this.check = requireNonNull(check, "check is null");
    this.rate = requireNonNull(rate, "rate is null");
    this.clock = requireNonNull(clock, "clock is null");
    this.listener = requireNonNull(listener, "listener is null");
  }

  @Override
  public void open(ProcessorContext<byte[], byte[]> processorContext) {
    context = processorContext;
  }

  @Override
  public List<Emission> handle(Record<byte[], byte[]> record) {
    boolean completed = context.recordMetadata().orElseThrow().topic().equals(Topics.COMPLETED);
    StoredClip clip =
        completed
            ? completed(events.completed(record.value()))
            : requested(events.requested(record.headers(), record.value()));
    Instant began = clock.instant();
    Finding finding = completed ? check.check(clip) : asked(clip);
    Instant now = clock.instant();
    listener.checked(finding.verdict(), finding.confidence(), Duration.between(began, now));
    report(clip, finding, completed);
    Finding published = completed ? finding : finding.forRequester(clip.expectedSha256());
    return List.of(emission(clip, published, !completed, now));
  }

  private static void report(StoredClip clip, Finding finding, boolean completed) {
    if (finding.message().isEmpty()) {
      LOGGER.atInfo().addKeyValue("verdict", finding.verdict()).log("A stored clip was checked");
      return;
    }
    LOGGER
        // A requester of checks must not be able to fill the log with warnings.
        .atLevel(completed ? Level.WARN : Level.INFO)
        .addKeyValue("requestId", RequestIds.safe(clip.requestId()))
        .addKeyValue("verdict", finding.verdict())
        .addKeyValue("message", finding.message().get())
        .addKeyValue("sha256", finding.sha256().orElse(null))
        .log("A stored clip did not pass its check");
  }

  /** Requesters may name any object, and each answer reveals something about the mark. */
  private Finding asked(StoredClip clip) {
    if (!rate.allows()) {
      return check.unchecked(
          clip, "more requests than verification.requestsPerMinute; nothing was read, ask again");
    }
    Finding finding = check.check(clip);
    rate.count();
    return finding;
  }

  private Emission emission(StoredClip clip, Finding finding, boolean requested, Instant now) {
    String id = RequestIds.safe(clip.requestId());
    WatermarkVerified event =
        WatermarkVerified.newBuilder()
            .setEventId(UUID.randomUUID())
            .setRequestId(id)
            .setVerdict(finding.verdict())
            .setAudio(echo(clip.audio()))
            .setConfidence(PublishedConfidence.of(finding.confidence()))
            .setSha256(finding.sha256().orElse(null))
            .setKeyId(finding.keyId())
            .setMessage(finding.message().orElse(null))
            .setCheckedAt(now)
            .setRequested(requested)
            .setByDigest(finding.byDigest())
            .build();
    return new Emission(Topics.VERIFIED, events.record(event));
  }

  /** A valid reference unchanged; an invalid one as an excerpt, because it may have any size. */
  private static ObjectReference echo(ObjectReference audio) {
    String version = audio.getVersionId();
    return new ObjectReference(
        ObjectNames.bucketDefect(audio.getBucket()).isEmpty()
            ? audio.getBucket()
            : Excerpt.of(audio.getBucket()),
        ObjectNames.keyDefect(audio.getKey()).isEmpty()
            ? audio.getKey()
            : Excerpt.of(audio.getKey()),
        version == null || ObjectNames.versionDefect(version).isEmpty()
            ? version
            : Excerpt.of(version));
  }

  private static StoredClip completed(SynthesisCompleted event) {
    StoredAudio audio = event.getAudio();
    return new StoredClip(
        event.getRequestId(),
        new ObjectReference(audio.getBucket(), audio.getKey(), audio.getVersionId()),
        Optional.of(event.getWatermark().getKeyId()),
        Optional.of(audio.getSha256()),
        Optional.of(event.getWatermark().getConfidence()));
  }

  private static StoredClip requested(VerificationRequested event) {
    return new StoredClip(
        event.getRequestId(),
        event.getAudio(),
        Optional.empty(),
        Optional.ofNullable(event.getExpectedSha256()),
        Optional.empty());
  }
}
