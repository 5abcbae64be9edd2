package dev.utter.worker.streams;

import static java.util.Objects.requireNonNull;

import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.Deque;

/**
 * How often a failed thread may be replaced before the stage counts as broken: a number of times
 * within a window, and the same number over any time while the stage commits nothing in between.
 * Thread-safe.
 */
final class ReplacementBudget {
  private final int limit;
  private final Duration window;
  private final Clock clock;
  private final Deque<Instant> replacements = new ArrayDeque<>();
  private int withoutProgress;

  ReplacementBudget(int limit, Duration window, Clock clock) {
    this.limit = limit;
    this.window = requireNonNull(window, "window is null");
    this.clock = requireNonNull(clock, "clock is null");
  }

  /**
   * Takes one replacement; false if the budget is used up.
   *
   * @param progressed whether the stage committed something since the last failure
   */
  synchronized boolean take(boolean progressed) {
    Instant now = clock.instant();
    if (progressed) {
      withoutProgress = 0;
    }
    while (!replacements.isEmpty() && replacements.peekFirst().isBefore(now.minus(window))) {
      replacements.removeFirst();
    }
    if (replacements.size() >= limit || withoutProgress >= limit) {
      return false;
    }
    replacements.addLast(now);
    withoutProgress++;
    return true;
  }
}
