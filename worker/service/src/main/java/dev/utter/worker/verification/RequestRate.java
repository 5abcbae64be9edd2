package dev.utter.worker.verification;

import static java.util.Objects.requireNonNull;

import java.time.Clock;
import java.time.Duration;
import java.time.Instant;

/**
 * Limits the checks of requested clips: one minute's number at once, then evenly over time. Clips
 * that the deployment completes do not count.
 *
 * <p>Threading: safe.
 */
final class RequestRate {
  private final int perMinute;
  private final Clock clock;
  private double available;
  private Instant counted;

  RequestRate(int perMinute, Clock clock) {
    this.perMinute = perMinute;
    this.clock = requireNonNull(clock, "clock is null");
    available = perMinute;
    counted = clock.instant();
  }

  /** Whether one more may be checked now. */
  synchronized boolean allows() {
    Instant now = clock.instant();
    Duration since = Duration.between(counted, now);
    if (!since.isNegative()) {
      double minutes = since.toMillis() / (double) Duration.ofMinutes(1).toMillis();
      available = Math.min(perMinute, available + perMinute * minutes);
    }
    counted = now;
    return available >= 1;
  }

  /** One was checked. What is tried again because the store is away counts once, at its end. */
  synchronized void count() {
    available--;
  }
}
