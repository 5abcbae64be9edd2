package dev.utter.worker.status;

import dev.utter.events.FailureCode;
import dev.utter.events.Priority;
import dev.utter.events.RequestState;
import dev.utter.events.RequestStatus;
import dev.utter.events.SynthesisCompleted;
import dev.utter.events.SynthesisFailed;
import dev.utter.events.SynthesisStarted;
import dev.utter.events.Verdict;
import dev.utter.events.WatermarkVerified;
import java.time.Duration;
import java.time.Instant;
import java.util.Objects;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * One row, and how each event changes it. The events come from several topics in any order, so
 * every change only adds knowledge and the state never moves back:
 *
 * <pre>
 *   ADMITTED ─▶ RUNNING ─▶ COMPLETED ─▶ VERIFIED
 *       └──────────┴─────▶ FAILED
 * </pre>
 *
 * <p>The row after a set of events is the same whatever their order.
 *
 * <p>An id may be used again once admission has forgotten it: an event of a start that is clearly
 * later than the end begins a new row.
 */
final class StatusRow {
  /** Longer than the clocks of workers differ, shorter than a finished id is remembered. */
  private static final Duration NEW_LIFE = Duration.ofHours(1);

  private final RequestStatus row;

  private StatusRow(RequestStatus row) {
    this.row = row;
  }

  static StatusRow of(RequestStatus row) {
    return new StatusRow(row);
  }

  /** A row of which nothing is known yet. */
  static StatusRow empty(String requestId) {
    return new StatusRow(
        RequestStatus.newBuilder().setRequestId(requestId).setState(RequestState.UNKNOWN).build());
  }

  RequestStatus row() {
    return row;
  }

  StatusRow admitted(Priority lane, Instant at) {
    if (beginsNewLife(at)) {
      return empty(row.getRequestId()).admitted(lane, at);
    }
    return settled(change().setLane(lane).setAdmittedAt(earliest(row.getAdmittedAt(), at)));
  }

  StatusRow started(SynthesisStarted event) {
    if (beginsNewLife(event.getStartedAt())) {
      return empty(row.getRequestId()).started(event);
    }
    RequestStatus.Builder next = change();
    if (row.getStartedAt() == null || event.getStartedAt().isAfter(row.getStartedAt())) {
      next.setStartedAt(event.getStartedAt());
    }
    if (event.getAttempt() >= row.getAttempt() && row.getFinishedAt() == null) {
      next.setAttempt(event.getAttempt()).setWorker(event.getWorker());
    }
    return settled(next);
  }

  /**
   * A clip takes precedence over any failure, so that the row does not depend on the order of
   * events.
   */
  StatusRow completed(SynthesisCompleted event) {
    return settled(
        change()
            .setAudio(event.getAudio())
            .setWorker(event.getWorker())
            .setAttempt(event.getAttempt())
            .setFinishedAt(event.getCompletedAt())
            .setFailureCode(null)
            .setFailureMessage(null));
  }

  /** A failure with DUPLICATE_ID is about another record than the row's, and changes nothing. */
  Optional<StatusRow> failed(SynthesisFailed event) {
    if (event.getCode() == FailureCode.DUPLICATE_ID
        || row.getAudio() != null
        || (row.getFailureCode() != null && !event.getFailedAt().isBefore(row.getFinishedAt()))) {
      return Optional.empty();
    }
    RequestStatus.Builder next =
        change()
            .setFailureCode(event.getCode())
            .setFailureMessage(event.getMessage())
            .setAttempt(event.getAttempt())
            .setFinishedAt(event.getFailedAt());
    if (event.getWorker() != null) {
      next.setWorker(event.getWorker());
    }
    return Optional.of(settled(next));
  }

  /**
   * The latest verdict about the completed clip; one that says nothing about the clip replaces only
   * another such verdict. An answer to a request for verification changes nothing: its author chose
   * id, object and digest.
   */
  Optional<StatusRow> verified(WatermarkVerified event) {
    if (event.getRequested()) {
      return Optional.empty();
    }
    RequestStatus.Builder next = change();
    boolean later =
        row.getVerifiedAt() == null || !event.getCheckedAt().isBefore(row.getVerifiedAt());
    boolean said = saysSomething(row.getVerdict());
    if (saysSomething(event.getVerdict()) ? later || !said : later && !said) {
      next.setVerdict(event.getVerdict()).setVerifiedAt(event.getCheckedAt());
    }
    return Optional.of(settled(next));
  }

  private static boolean saysSomething(Verdict verdict) {
    return verdict != null && verdict != Verdict.KEY_UNKNOWN;
  }

  /** When the row last changed, according to the events. */
  Optional<Instant> changedAt() {
    return Stream.of(
            row.getAdmittedAt(), row.getStartedAt(), row.getFinishedAt(), row.getVerifiedAt())
        .filter(Objects::nonNull)
        .max(Instant::compareTo);
  }

  private boolean beginsNewLife(Instant at) {
    return row.getFinishedAt() != null && at.isAfter(row.getFinishedAt().plus(NEW_LIFE));
  }

  private RequestStatus.Builder change() {
    return RequestStatus.newBuilder(row);
  }

  /** The state follows from what is known. */
  private static StatusRow settled(RequestStatus.Builder next) {
    if (next.getAudio() != null) {
      next.setState(next.getVerdict() == null ? RequestState.COMPLETED : RequestState.VERIFIED);
    } else if (next.getFailureCode() != null) {
      next.setState(RequestState.FAILED);
    } else if (next.getStartedAt() != null) {
      next.setState(RequestState.RUNNING);
    } else if (next.getAdmittedAt() != null) {
      next.setState(RequestState.ADMITTED);
    } else {
      next.setState(next.getVerdict() == null ? RequestState.UNKNOWN : RequestState.VERIFIED);
    }
    return new StatusRow(next.build());
  }

  private static Instant earliest(Instant known, Instant other) {
    return known == null || other.isBefore(known) ? other : known;
  }
}
