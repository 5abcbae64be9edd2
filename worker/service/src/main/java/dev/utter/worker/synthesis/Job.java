package dev.utter.worker.synthesis;

import static java.util.Objects.requireNonNull;

import dev.utter.events.FailureCode;
import dev.utter.events.Priority;
import dev.utter.events.SynthesisRequested;
import dev.utter.events.Topics;
import dev.utter.speech.Urgency;
import dev.utter.worker.failure.NotMineException;
import dev.utter.worker.failure.RequestFailedException;
import dev.utter.worker.intake.Delivery;
import java.time.Instant;
import java.util.Map;
import java.util.Optional;

/**
 * One request on this worker. One stage at a time works on it and moves its state; wishes to end it
 * come from other threads and are seen at the next {@link #requireWanted}.
 */
final class Job {
  private static final Map<String, Urgency> URGENCIES =
      Map.of(
          Topics.lane(Priority.INTERACTIVE), Urgency.INTERACTIVE,
          Topics.lane(Priority.NORMAL), Urgency.NORMAL,
          Topics.lane(Priority.BULK), Urgency.BULK);

  private final Delivery delivery;
  private final Urgency urgency;
  private final boolean suspect;
  private volatile RequestState state;
  private volatile SynthesisRequested request;
  private volatile boolean cancelled;
  private volatile int failures;

  Job(Delivery delivery, Instant takenAt) {
    this.delivery = requireNonNull(delivery, "delivery is null");
    this.urgency = URGENCIES.getOrDefault(delivery.lane(), Urgency.BULK);
    this.suspect = delivery.starts() > 0;
    this.state = new RequestState.Taken(takenAt);
  }

  Delivery delivery() {
    return delivery;
  }

  /** How soon it is wanted: what its lane says. */
  Urgency urgency() {
    return urgency;
  }

  /** Whether it was under way when a worker died, or failed unexpectedly on this one. */
  boolean suspect() {
    return suspect || failures > 0;
  }

  /** Unexpected errors on this worker. */
  int failures() {
    return failures;
  }

  void failedUnexpectedly() {
    failures++;
  }

  RequestState state() {
    return state;
  }

  boolean dropped() {
    return state instanceof RequestState.Dropped;
  }

  /**
   * The state, which must be of this kind.
   *
   * @throws NotMineException if the job was dropped
   */
  <S extends RequestState> S state(Class<S> kind) {
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
  synchronized void move(RequestState next) {
    state(RequestState.Live.class);
    state = next;
  }

  /** Moves on unless the job was dropped; whether it moved. */
  synchronized boolean tryMove(RequestState next) {
    if (dropped()) {
      return false;
    }
    move(next);
    return true;
  }

  synchronized void drop() {
    if (state instanceof RequestState.Live live) {
      state = live.drop();
    }
  }

  Optional<SynthesisRequested> request() {
    return Optional.ofNullable(request);
  }

  void decoded(SynthesisRequested decoded) {
    request = decoded;
  }

  void cancel() {
    cancelled = true;
  }

  /** Whether work on it makes sense at this time. */
  boolean wanted(Instant now) {
    return !delivery.dropped() && !cancelled && !expired(now);
  }

  boolean expired(Instant now) {
    SynthesisRequested known = request;
    return known != null && known.getDeadline() != null && !known.getDeadline().isAfter(now);
  }

  /**
   * Ends work that makes no sense any more.
   *
   * @throws NotMineException if somebody else owns it
   * @throws RequestFailedException if it was cancelled or its deadline is past
   */
  void requireWanted(Instant now) {
    if (delivery.dropped()) {
      throw new NotMineException(delivery + " was dropped");
    }
    if (cancelled) {
      throw new RequestFailedException(
          FailureCode.CANCELLED, null, "the request was cancelled by its caller");
    }
    if (expired(now)) {
      throw new RequestFailedException(
          FailureCode.DEADLINE_EXCEEDED,
          "deadline",
          "deadline is " + request.getDeadline() + ", and at " + now + " there was no clip yet");
    }
  }
}
