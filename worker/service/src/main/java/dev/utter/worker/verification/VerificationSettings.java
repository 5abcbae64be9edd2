package dev.utter.worker.verification;

import static java.util.Objects.requireNonNull;

import java.time.Duration;

/**
 * Settings of verification.
 *
 * @param maxObjectBytes largest clip that is read; default 50 MB
 * @param patience how long a clip is waited for that the store does not give although it gives
 *     others; 0 to 15 s, for the clips behind it wait, too; default 10 s
 * @param requestsPerMinute how many clips this worker checks in a minute because somebody asked,
 *     beside those that are completed; further requests are answered without a check; default 60
 */
public record VerificationSettings(long maxObjectBytes, Duration patience, int requestsPerMinute) {

  /** Default size of the largest clip. */
  public static final long DEFAULT_MAX_OBJECT_BYTES = 50_000_000;

  /** Default of {@code patience}. */
  public static final Duration DEFAULT_PATIENCE = Duration.ofSeconds(10);

  /** Default of {@code requestsPerMinute}. */
  public static final int DEFAULT_REQUESTS_PER_MINUTE = 60;

  /** A record that is tried again for longer than 20 s costs the stage its thread. */
  private static final Duration LONGEST_PATIENCE = Duration.ofSeconds(15);

  /** Checks all. */
  public VerificationSettings {
    if (maxObjectBytes < 1) {
      throw new IllegalArgumentException(
          "verification.maxObjectBytes is " + maxObjectBytes + ", must be 1 or more");
    }
    if (requireNonNull(patience, "patience is null").isNegative()
        || patience.compareTo(LONGEST_PATIENCE) > 0) {
      throw new IllegalArgumentException(
          "verification.patience is " + patience + ", must be PT0S to " + LONGEST_PATIENCE);
    }
    if (requestsPerMinute < 1) {
      throw new IllegalArgumentException(
          "verification.requestsPerMinute is " + requestsPerMinute + ", must be 1 or more");
    }
  }

  /** The defaults. */
  public static VerificationSettings defaults() {
    return new VerificationSettings(
        DEFAULT_MAX_OBJECT_BYTES, DEFAULT_PATIENCE, DEFAULT_REQUESTS_PER_MINUTE);
  }
}
