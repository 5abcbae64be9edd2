package dev.utter.worker.streams;

import static java.util.Objects.requireNonNull;

import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.Deque;

/** How often a failed thread may be replaced before the stage counts as broken. Thread-safe. */
final class ReplacementBudget {
  private final int limit;
  private final Duration window;
  private final Clock clock;
  private final Deque<Instant> replacements = new ArrayDeque<>();

  ReplacementBudget(int limit, Duration window, Clock clock) {
    this.limit = limit;
    this.window = requireNonNull(window, "window is null");
    this.clock = requireNonNull(clock, "clock is null");
  }

  /** Takes one replacement; false if the budget of the window is used up. */
  synchronized boolean take() {
    Instant now = clock.instant();
    while (!replacements.isEmpty() && replacements.peekFirst().isBefore(now.minus(window))) {
      replacements.removeFirst();
    }
    if (replacements.size() >= limit) {
      return false;
    }
    replacements.addLast(now);
    return true;
  }
}
