package dev.utter.worker.synthesis.job;

import static java.util.Objects.requireNonNull;

import dev.utter.events.DeadLetterHeaders;
import dev.utter.events.FailureCode;
import dev.utter.events.Priority;
import dev.utter.events.SynthesisRequested;
import dev.utter.events.Topics;
import dev.utter.speech.Urgency;
import dev.utter.worker.failure.NotMineException;
import dev.utter.worker.failure.RequestFailedException;
import dev.utter.worker.intake.Delivery;
import dev.utter.worker.publisher.PublisherKey;
import dev.utter.worker.rules.ExpectedAudio;
import dev.utter.worker.skip.SkippedException;
import dev.utter.worker.trace.RecordOrigin;
import dev.utter.worker.trace.TraceSpan;
import java.time.Instant;
import java.util.EnumMap;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * One request on this worker. One step at a time works on it and moves its state; requests to end
 * it come from other threads and are seen at the next {@link #requireWanted}.
 */
public final class Job {
  private static final Map<String, Urgency> URGENCIES =
      Map.of(
          Topics.lane(Priority.INTERACTIVE), Urgency.INTERACTIVE,
          Topics.lane(Priority.NORMAL), Urgency.NORMAL,
          Topics.lane(Priority.BULK), Urgency.BULK);

  private static final long UNKNOWN_MILLIS = 1000;

  /** Which step it is at, and since when. */
  public record Stay(JobStep step, Instant since) {}

  private final Delivery delivery;
  private final Urgency lane;
  private final String publisher;
  private final Instant takenAt;
  private final JobTrace trace;
  private final Optional<String> requestId;
  private final Map<JobStep, StepTries> tries = new EnumMap<>(JobStep.class);
  private volatile boolean suspect;
  private volatile RequestState state;
  private volatile Stay stay;
  private volatile @Nullable SynthesisRequested request;
  private volatile boolean cancelled;
  private volatile @Nullable SkippedException skipped;
  private volatile int failures;
  private volatile boolean raised;

  /** A job without spans. */
  public Job(Delivery delivery, Instant takenAt) {
    this(delivery, takenAt, TraceSpan.NONE);
  }

  /** A job whose spans are below the given one. */
  public Job(Delivery delivery, Instant takenAt, TraceSpan span) {
    this.trace = new JobTrace(span);
    this.requestId = RecordOrigin.requestId(delivery.record().key());
    this.delivery = requireNonNull(delivery, "delivery is null");
    this.lane = URGENCIES.getOrDefault(delivery.lane(), Urgency.BULK);
    this.publisher = PublisherKey.inLane(delivery.record().headers());
    this.takenAt = takenAt;
    this.suspect = delivery.starts() > 0;
    this.stay = new Stay(JobStep.PREPARATION, takenAt);
    this.state = new RequestState.Taken(takenAt);
  }

  public Delivery delivery() {
    return delivery;
  }

  /** Its spans. */
  public JobTrace trace() {
    return trace;
  }

  /** The request id, from the key of the record; empty if the key is no valid id. */
  public Optional<String> requestId() {
    return requestId;
  }

  /** Whether it is of the same record as another delivery, taken at another time. */
  boolean isOf(Delivery other) {
    var record = delivery.record();
    return other != delivery
        && other.record().topic().equals(record.topic())
        && other.record().partition() == record.partition()
        && other.record().offset() == record.offset();
  }

  /** The lane it came from. */
  public Urgency lane() {
    return lane;
  }

  /** Its urgency: that of its lane, unless it was raised. */
  public Urgency urgency() {
    return raised ? Urgency.INTERACTIVE : lane;
  }

  /** Whether it has its place because its lane is owed one; then it is not preempted. */
  public boolean raised() {
    return raised;
  }

  public void raise() {
    raised = true;
  }

  /** Expected audio of its text, in milliseconds; one second while it is not decoded. */
  public long expectedMillis() {
    SynthesisRequested known = request;
    return known == null ? UNKNOWN_MILLIS : ExpectedAudio.millis(known);
  }

  /** Who published it. */
  public String publisher() {
    return publisher;
  }

  /** Whether an operator had the record processed again after it was a dead letter. */
  public boolean redriven() {
    return delivery.record().headers().lastHeader(DeadLetterHeaders.REDRIVES) != null;
  }

  Instant takenAt() {
    return takenAt;
  }

  /**
   * Whether it was under way when a worker died, or failed unexpectedly in the engine of this one.
   */
  public boolean suspect() {
    return suspect;
  }

  /** Unexpected errors on this worker. */
  public int failures() {
    return failures;
  }

  public void failedUnexpectedly(JobStep step) {
    failures++;
    suspect |= step.makesSuspect();
  }

  public Stay stay() {
    return stay;
  }

  /** A step begins, or is repeated. */
  public void enter(JobStep step, Instant now) {
    Stay last = stay;
    if (last.step() != step) {
      stay = new Stay(step, now);
    }
  }

  /** How often a step of it failed in a way that may pass. */
  public StepTries tries(JobStep step) {
    synchronized (tries) {
      return tries.computeIfAbsent(step, key -> new StepTries());
    }
  }

  public RequestState state() {
    return state;
  }

  public boolean dropped() {
    return state instanceof RequestState.Dropped;
  }

  /**
   * The state, which must be of this kind.
   *
   * @throws NotMineException if the job was dropped
   */
  public <S extends RequestState> S state(Class<S> kind) {
    RequestState now = state;
    if (now instanceof RequestState.Dropped) {
      throw new NotMineException(delivery + " was dropped");
    }
    return kind.cast(now);
  }

  /**
   * Moves on.
   *
   * @throws NotMineException if the job was dropped meanwhile
   */
  public synchronized void move(RequestState next) {
    state(RequestState.Live.class);
    state = next;
  }

  /** Moves on unless the job was dropped; whether it moved. */
  public synchronized boolean tryMove(RequestState next) {
    if (dropped()) {
      return false;
    }
    move(next);
    return true;
  }

  public synchronized void drop() {
    if (state instanceof RequestState.Live live) {
      state = live.drop();
    }
  }

  public Optional<SynthesisRequested> request() {
    return Optional.ofNullable(request);
  }

  public void decoded(SynthesisRequested decoded) {
    request = decoded;
  }

  public void cancel() {
    cancelled = true;
  }

  /** An operator has it skipped. */
  public void skip(String note) {
    skipped = new SkippedException(note);
  }

  /** Why it is skipped; empty if it is not. */
  public Optional<SkippedException> skipped() {
    return Optional.ofNullable(skipped);
  }

  /** Whether work on it makes sense at this time. */
  public boolean wanted(Instant now) {
    return !dropped() && !delivery.dropped() && skipped == null && !cancelled && !expired(now);
  }

  boolean expired(Instant now) {
    SynthesisRequested known = request;
    return known != null && known.getDeadline() != null && !known.getDeadline().isAfter(now);
  }

  /**
   * Ends work that makes no sense any more.
   *
   * @throws NotMineException if another worker owns it
   * @throws RequestFailedException if it is skipped, was cancelled, or its deadline is past
   */
  public void requireWanted(Instant now) {
    if (dropped() || delivery.dropped()) {
      throw new NotMineException(delivery + " was dropped");
    }
    SkippedException skip = skipped;
    if (skip != null) {
      throw skip;
    }
    if (cancelled) {
      throw new RequestFailedException(
          FailureCode.CANCELLED, null, "the request was cancelled by its caller");
    }
    if (expired(now)) {
      throw new RequestFailedException(
          FailureCode.DEADLINE_EXCEEDED,
          "deadline",
          "deadline is "
              + requireNonNull(request).getDeadline()
              + ", and at "
              + now
              + " there was no clip yet");
    }
  }
}
