package dev.utter.worker.synthesis;

import java.time.Duration;

/**
 * Pauses that double.
 *
 * @param first the first
 * @param longest none is longer
 */
record Backoff(Duration first, Duration longest) {

  /** The pause after this many failures in a row, 0 being the first. */
  Duration after(int failures) {
    Duration pause = first;
    for (int i = 0; i < failures && pause.compareTo(longest) < 0; i++) {
      pause = pause.multipliedBy(2);
    }
    return pause.compareTo(longest) < 0 ? pause : longest;
  }
}
