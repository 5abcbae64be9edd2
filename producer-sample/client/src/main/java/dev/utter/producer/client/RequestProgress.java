package dev.utter.producer.client;

import dev.utter.events.FailureCode;
import dev.utter.events.RequestState;
import dev.utter.events.RequestStatus;
import dev.utter.events.SynthesisCompleted;
import dev.utter.events.SynthesisFailed;
import dev.utter.events.WatermarkVerified;
import java.util.Optional;

/**
 * The results of one request seen so far. They come on several topics, so they may be seen in any
 * order. The state never goes back.
 *
 * @param requestId its id
 * @param state the furthest state seen, empty before the first
 * @param completed the completed event, once seen
 * @param failed the failed event, once seen
 * @param verified the verdict on the completed clip, once seen; answers to requests for
 *     verification do not count, since they may be about any object
 * @param refused why another record under this id was refused, once seen. This is not the outcome
 *     of the request: the first record of the id has an outcome, or will have one
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

  /**
   * Whether no further result is expected: the request failed, or it completed and was verified.
   */
  public boolean isFinished() {
    return failed.isPresent() || (completed.isPresent() && verified.isPresent());
  }

  /** This progress with one more event; events of other types change nothing. */
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
   * A status row also says FAILED for a refused record, while the request goes on. So only outcomes
   * end a request.
   */
  private static boolean isUnderWay(RequestState next) {
    return next == RequestState.ADMITTED || next == RequestState.RUNNING;
  }

  /**
   * Whether the failure is about other contents under the same id, or about a record with another
   * key that names this id.
   */
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
