package dev.utter.producer;

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
 * @param verified the verdict, once seen
 */
public record RequestProgress(
    String requestId,
    Optional<RequestState> state,
    Optional<SynthesisCompleted> completed,
    Optional<SynthesisFailed> failed,
    Optional<WatermarkVerified> verified) {

  /** Nothing seen yet. */
  public static RequestProgress of(String requestId) {
    return new RequestProgress(
        requestId, Optional.empty(), Optional.empty(), Optional.empty(), Optional.empty());
  }

  /** Whether nothing more is to come: it failed, or it completed and was verified. */
  public boolean isFinished() {
    return failed.isPresent() || (completed.isPresent() && verified.isPresent());
  }

  /** This, with one more event taken in; events of other types change nothing. */
  RequestProgress with(Object event) {
    if (event instanceof RequestStatus status) {
      return new RequestProgress(
          requestId, furthest(status.getState()), completed, failed, verified);
    }
    if (event instanceof SynthesisCompleted result) {
      return new RequestProgress(
          requestId, furthest(RequestState.COMPLETED), Optional.of(result), failed, verified);
    }
    if (event instanceof SynthesisFailed failure) {
      return new RequestProgress(
          requestId, furthest(RequestState.FAILED), completed, Optional.of(failure), verified);
    }
    if (event instanceof WatermarkVerified verdict) {
      return new RequestProgress(
          requestId, furthest(RequestState.VERIFIED), completed, failed, Optional.of(verdict));
    }
    return this;
  }

  private Optional<RequestState> furthest(RequestState next) {
    if (next == RequestState.UNKNOWN) {
      return state;
    }
    return Optional.of(state.filter(current -> current.compareTo(next) >= 0).orElse(next));
  }
}
