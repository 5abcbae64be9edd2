package dev.utter.worker.streams;

import static java.util.Objects.requireNonNull;

/**
 * How records are guarded.
 *
 * @param retry what to do while something is down
 * @param deadLetterBytes largest dead letter the broker takes, with key and headers
 */
public record Guard(InPlaceRetry retry, int deadLetterBytes) {
  /** A little below what a topic takes unless told otherwise. */
  public static final int DEFAULT_DEAD_LETTER_BYTES = 1_000_000;

  /** Checks both. */
  public Guard {
    requireNonNull(retry, "retry is null");
    if (deadLetterBytes < 1) {
      throw new IllegalArgumentException(
          "deadLetterBytes is " + deadLetterBytes + ", must be 1 or more");
    }
  }

  /** A guard for a dead-letter topic with the broker's defaults. */
  public static Guard of(InPlaceRetry retry) {
    return new Guard(retry, DEFAULT_DEAD_LETTER_BYTES);
  }
}
