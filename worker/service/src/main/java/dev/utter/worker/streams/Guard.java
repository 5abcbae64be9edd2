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
 */
public record Guard(InPlaceRetry retry, TopicLimits limits, StageActivity activity, Skips skips) {

  /** Checks that nothing is missing. */
  public Guard {
    requireNonNull(retry, "retry is null");
    requireNonNull(limits, "limits is null");
    requireNonNull(activity, "activity is null");
    requireNonNull(skips, "skips is null");
  }

  /** A guard for topics with the broker's defaults. */
  public static Guard of(InPlaceRetry retry) {
    return new Guard(retry, TopicLimits.defaults(), new StageActivity(), Skips.NONE);
  }
}
