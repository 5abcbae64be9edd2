package dev.utter.worker.telemetry.metrics;

import java.util.function.LongSupplier;

/**
 * Measures how long this worker's engine is busy for each clip, and with it how long a backlog
 * would take this worker alone. Several clips at a time share the time in which they are made, so
 * the figure is that of the worker as it works. Older clips count less: half after ten minutes of
 * work.
 *
 * <p>Threading: safe.
 */
final class WorkTime {
  /** Assumed time of a clip before the first one is made, in seconds. */
  private static final double FIRST_SECONDS_PER_CLIP = 5;

  private static final double HALF_LIFE_SECONDS = 600;

  private final LongSupplier nanos;
  private long at;
  private boolean busy;
  private double busySeconds;
  private double clips;

  /**
   * Nothing is measured yet.
   *
   * @param nanos ticker in nanoseconds
   */
  WorkTime(LongSupplier nanos) {
    this.nanos = nanos;
    at = nanos.getAsLong();
  }

  /** From now on this number of clips is being made. */
  synchronized void making(int count) {
    advance();
    busy = count > 0;
  }

  /** A clip is made. */
  synchronized void made() {
    advance();
    clips++;
  }

  /** How long a number of requests would take this worker alone. */
  synchronized double secondsFor(long requests) {
    advance();
    // Without a clip since long, the time that goes by without one is the best that is known.
    double perClip =
        clips == 0 ? Math.max(FIRST_SECONDS_PER_CLIP, busySeconds) : busySeconds / clips;
    return requests * perClip;
  }

  private void advance() {
    long now = nanos.getAsLong();
    double seconds = (now - at) / 1e9;
    at = now;
    if (busy) {
      double left = Math.pow(0.5, seconds / HALF_LIFE_SECONDS);
      busySeconds = busySeconds * left + seconds;
      clips *= left;
    }
  }
}
