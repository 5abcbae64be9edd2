package dev.utter.worker.streams;

import static java.util.Objects.requireNonNull;

import java.time.Duration;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.LongSupplier;

/**
 * What the threads of one stage are doing: how long each has made no progress with its record, and
 * when the last record was done.
 *
 * <p>Threading: safe.
 */
public final class StageActivity {
  private final LongSupplier nanoTime;
  private final Map<Thread, Long> moved = new ConcurrentHashMap<>();
  private volatile long lastDone;

  /** Of a stage that is about to start. */
  public StageActivity() {
    this(System::nanoTime);
  }

  StageActivity(LongSupplier nanoTime) {
    this.nanoTime = requireNonNull(nanoTime, "nanoTime is null");
    lastDone = nanoTime.getAsLong();
  }

  /** The calling thread takes a record. */
  void begin() {
    moved.put(Thread.currentThread(), nanoTime.getAsLong());
  }

  /** The calling thread is done with its record, or has failed at it. */
  void end() {
    moved.remove(Thread.currentThread());
    lastDone = nanoTime.getAsLong();
  }

  /**
   * What to call, on any thread, when there is progress with the record of the calling thread. It
   * does nothing once that record is done.
   */
  public Runnable progressOfThisThread() {
    Thread thread = Thread.currentThread();
    return () -> moved.computeIfPresent(thread, (at, before) -> nanoTime.getAsLong());
  }

  /**
   * The longest time that a record under way has been without progress: since it was taken, or
   * since its last progress. Zero if there is none.
   */
  public Duration longestStandstill() {
    long now = nanoTime.getAsLong();
    long longest = moved.values().stream().mapToLong(since -> now - since).max().orElse(0);
    return Duration.ofNanos(Math.max(0, longest));
  }

  /** Time since the last record was done; since the start if there was none. */
  public Duration sinceLastRecord() {
    return Duration.ofNanos(Math.max(0, nanoTime.getAsLong() - lastDone));
  }
}
