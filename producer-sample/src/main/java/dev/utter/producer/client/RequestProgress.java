package dev.utter.producer.client;

import dev.utter.events.FailureCode;
import dev.utter.events.RequestState;
import dev.utter.events.RequestStatus;
import dev.utter.events.SynthesisCompleted;
import dev.utter.events.SynthesisFailed;
import dev.utter.events.WatermarkVerified;
import java.util.Optional;

/**
 * What is known of one request so far. Results travel on several topics, so they may be seen in any
 * order; the state never goes back.
 *
 * @param requestId its id
 * @param state the furthest state seen, empty before the first
 * @param completed the completed event, once seen
 * @param failed the failed event, once seen
 * @param verified the verdict on the completed clip, once seen; answers to requests for
 *     verification are about whatever their authors chose, and do not count
 * @param refused why another record under this id was refused, once seen. It is no outcome: the
 *     first record of the id has one, or will have it
 */
public record RequestProgress(
    String requestId,
    Optional<RequestState> state,
    Optional<SynthesisCompleted> completed,
    Optional<SynthesisFailed> failed,
    Optional<WatermarkVerified> verified,
    Optional<SynthesisFailed> refused) {
  private static final String KEY = "key";

  /** Nothing seen yet. */
  public static RequestProgress of(String requestId) {
    return new RequestProgress(
        requestId,
        Optional.empty(),
        Optional.empty(),
        Optional.empty(),
        Optional.empty(),
        Optional.empty());
  }

  /** Whether nothing more is to come: it failed, or it completed and was verified. */
  public boolean isFinished() {
    return failed.isPresent() || (completed.isPresent() && verified.isPresent());
  }

  /** This, with one more event taken in; events of other types change nothing. */
  RequestProgress with(Object event) {
    if (event instanceof RequestStatus status) {
      return isUnderWay(status.getState()) ? at(status.getState()) : this;
    }
    if (event instanceof SynthesisCompleted result) {
      RequestProgress next = at(RequestState.COMPLETED);
      return new RequestProgress(
          requestId, next.state, Optional.of(result), failed, verified, refused);
    }
    if (event instanceof SynthesisFailed failure && isAboutAnotherRecord(failure)) {
      return new RequestProgress(
          requestId, state, completed, failed, verified, Optional.of(failure));
    }
    if (event instanceof SynthesisFailed failure) {
      RequestProgress next = at(RequestState.FAILED);
      return new RequestProgress(
          requestId, next.state, completed, Optional.of(failure), verified, refused);
    }
    if (event instanceof WatermarkVerified verdict && !verdict.getRequested()) {
      RequestProgress next = at(RequestState.VERIFIED);
      return new RequestProgress(
          requestId, next.state, completed, failed, Optional.of(verdict), refused);
    }
    return this;
  }

  /**
   * A row says FAILED for a refused record, too, while the request goes on. So what ends a request
   * is taken from the outcomes alone.
   */
  private static boolean isUnderWay(RequestState next) {
    return next == RequestState.ADMITTED || next == RequestState.RUNNING;
  }

  /** Another content under the same id, or a record under another key that names this id. */
  private static boolean isAboutAnotherRecord(SynthesisFailed failure) {
    return failure.getCode() == FailureCode.DUPLICATE_ID
        || (failure.getCode() == FailureCode.INVALID_REQUEST && KEY.equals(failure.getField()));
  }

  private RequestProgress at(RequestState next) {
    RequestState furthest = state.filter(current -> current.compareTo(next) >= 0).orElse(next);
    return new RequestProgress(
        requestId, Optional.of(furthest), completed, failed, verified, refused);
  }
}
