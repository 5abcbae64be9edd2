package dev.utter.worker.streams;

import static java.util.Objects.requireNonNull;

import dev.utter.worker.skip.Skips;
import dev.utter.worker.streams.topics.TopicLimits;

/**
 * What a {@link GuardedProcessor} works with.
 *
 * @param retry what to do while something is down
 * @param limits what the output topics take
 * @param activity receives when a record begins and ends
 * @param skips the records that the stage is to skip
 * @param trace how the records are traced
 */
public record Guard(
    InPlaceRetry retry, TopicLimits limits, StageActivity activity, Skips skips, StageTrace trace) {

  /** Checks that nothing is missing. */
  public Guard {
    requireNonNull(retry, "retry is null");
    requireNonNull(limits, "limits is null");
    requireNonNull(activity, "activity is null");
    requireNonNull(skips, "skips is null");
    requireNonNull(trace, "trace is null");
  }

  /** A guard without traces. */
  public Guard(InPlaceRetry retry, TopicLimits limits, StageActivity activity, Skips skips) {
    this(retry, limits, activity, skips, StageTrace.off());
  }

  /** A guard for topics with the broker's defaults, without traces. */
  public static Guard of(InPlaceRetry retry) {
    return new Guard(retry, TopicLimits.defaults(), new StageActivity(), Skips.NONE);
  }

  /** This guard with traces. */
  public Guard with(StageTrace other) {
    return new Guard(retry, limits, activity, skips, other);
  }
}
