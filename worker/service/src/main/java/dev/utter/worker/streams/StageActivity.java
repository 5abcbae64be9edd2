package dev.utter.worker.streams;

import static java.util.Objects.requireNonNull;

import java.time.Duration;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.LongSupplier;
import java.util.function.ToLongFunction;

/**
 * What the threads of one stage are doing: how long each has made no progress with its record, how
 * old that record is, and when the last record was done.
 *
 * <p>Threading: safe.
 */
public final class StageActivity {
  private final LongSupplier nanoTime;
  private final Map<Thread, UnderWay> underWay = new ConcurrentHashMap<>();
  private volatile long lastDone;

  /**
   * A record under way; both are values of the clock.
   *
   * @param published when it was published
   * @param moved when there was the last progress with it
   */
  private record UnderWay(long published, long moved) {}

  /** Of a stage that is about to start. */
  public StageActivity() {
    this(System::nanoTime);
  }

  StageActivity(LongSupplier nanoTime) {
    this.nanoTime = requireNonNull(nanoTime, "nanoTime is null");
    lastDone = nanoTime.getAsLong();
  }

  /**
   * The calling thread takes a record.
   *
   * @param age time since the record was published; one that comes from the future is new
   */
  void begin(Duration age) {
    long now = nanoTime.getAsLong();
    long published = now - (age.isNegative() ? 0 : age.toNanos());
    underWay.put(Thread.currentThread(), new UnderWay(published, now));
  }

  /** The calling thread is done with its record, or has failed at it. */
  void end() {
    underWay.remove(Thread.currentThread());
    lastDone = nanoTime.getAsLong();
  }

  /**
   * What to call, on any thread, when there is progress with the record of the calling thread. It
   * does nothing once that record is done.
   */
  public Runnable progressOfThisThread() {
    Thread thread = Thread.currentThread();
    return () ->
        underWay.computeIfPresent(
            thread, (at, before) -> new UnderWay(before.published(), nanoTime.getAsLong()));
  }

  /**
   * The longest time that a record under way has been without progress: since it was taken, or
   * since its last progress. Zero if there is none.
   */
  public Duration longestStandstill() {
    return longestSince(UnderWay::moved);
  }

  /**
   * Age of the oldest record under way, zero if there is none: how far the stage is behind its
   * publishers.
   */
  public Duration behind() {
    return longestSince(UnderWay::published);
  }

  private Duration longestSince(ToLongFunction<UnderWay> time) {
    long now = nanoTime.getAsLong();
    long longest =
        underWay.values().stream().mapToLong(at -> now - time.applyAsLong(at)).max().orElse(0);
    return Duration.ofNanos(Math.max(0, longest));
  }

  /** Time since the last record was done; since the start if there was none. */
  public Duration sinceLastRecord() {
    return Duration.ofNanos(Math.max(0, nanoTime.getAsLong() - lastDone));
  }
}
