package dev.utter.worker.streams;

import static java.util.Objects.requireNonNull;

import java.time.Duration;

/**
 * How a stage polls.
 *
 * @param records max records of one poll: few where one takes long
 * @param interval longest time between two polls, in which all records of a poll are processed. A
 *     member that takes longer loses its partitions, and its work on them is repeated elsewhere. A
 *     rebalance can wait as long for a member that is at a record
 */
public record Polls(int records, Duration interval) {
  private static final Duration INTERVAL = Duration.ofMinutes(10);

  /** Checks that nothing is missing. */
  public Polls {
    requireNonNull(interval, "interval is null");
  }

  /** Polls of up to this number of records, at most 10 minutes apart. */
  public static Polls of(int records) {
    return new Polls(records, INTERVAL);
  }
}
