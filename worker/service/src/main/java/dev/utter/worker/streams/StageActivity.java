package dev.utter.worker.streams;

import static java.util.Objects.requireNonNull;

import java.time.Duration;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.LongSupplier;

/**
 * What the threads of one stage are doing: how long each has been at its record, and when the last
 * record was done.
 *
 * <p>Threading: safe.
 */
public final class StageActivity {
  private final LongSupplier nanoTime;
  private final Map<Thread, Long> began = new ConcurrentHashMap<>();
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
    began.put(Thread.currentThread(), nanoTime.getAsLong());
  }

  /** The calling thread is done with its record, or has failed at it. */
  void end() {
    began.remove(Thread.currentThread());
    lastDone = nanoTime.getAsLong();
  }

  /** How long the slowest record under way has taken so far; zero if there is none. */
  public Duration longestUnderWay() {
    long now = nanoTime.getAsLong();
    long longest = began.values().stream().mapToLong(start -> now - start).max().orElse(0);
    return Duration.ofNanos(Math.max(0, longest));
  }

  /** Time since the last record was done; since the start if there was none. */
  public Duration sinceLastRecord() {
    return Duration.ofNanos(Math.max(0, nanoTime.getAsLong() - lastDone));
  }
}
