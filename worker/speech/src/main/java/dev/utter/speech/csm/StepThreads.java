package dev.utter.speech.csm;

import java.util.HashMap;
import java.util.Map;
import java.util.function.IntConsumer;
import java.util.function.LongSupplier;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Chooses the number of threads of the CPU operators for frame steps: all, or one while that is
 * faster. One is faster while other work keeps the processors busy, because a thread that has lost
 * its processor keeps the others waiting.
 *
 * <p>Steps are timed in windows. When a window is much slower than the fastest recent one, and at
 * long intervals in any case, the next window tries the other number of threads, and the faster
 * number stays. Results do not depend on the number of threads.
 *
 * <p>Threading: not safe, one thread at a time.
 */
final class StepThreads {

  private static final Logger LOGGER = LoggerFactory.getLogger(StepThreads.class);

  /** A window ends after this number of steps, and not before this time in nanoseconds. */
  static final int WINDOW_STEPS = 8;

  static final long WINDOW_NANOS = 20_000_000;

  /** A window this many times as slow as the fastest one is followed by a trial. */
  static final double SLOW = 1.4;

  /** The other number of threads is taken if its time is below this share. */
  static final double CLEARLY = 0.9;

  /** Before the next trial, in nanoseconds; doubled by each one that changes nothing. */
  static final long TRIAL_NANOS = 2_000_000_000L;

  /** After this time there is a trial in any case, in nanoseconds. */
  static final long ROUTINE_NANOS = 60_000_000_000L;

  private final int all;
  private final IntConsumer set;
  private final LongSupplier ticker;

  /**
   * By number of rows, the fastest window with all threads since the last trial that was routine.
   */
  private final Map<Integer, Double> fastest = new HashMap<>();

  private int threads;
  private int rows;
  private int steps;
  private long nanos;
  private long patience = TRIAL_NANOS;
  private long lastTrial;
  private long lastRoutine;

  /** The mean of the window before the trial that is under way; 0 without a trial. */
  private double before;

  /**
   * @param all the number of threads where nothing else runs
   * @param set sets the number of threads
   * @param ticker a clock in nanoseconds
   */
  StepThreads(int all, IntConsumer set, LongSupplier ticker) {
    this.all = all;
    this.set = set;
    this.ticker = ticker;
    this.threads = all;
    long now = ticker.getAsLong();
    this.lastTrial = now - TRIAL_NANOS;
    this.lastRoutine = now - ROUTINE_NANOS;
  }

  /** Runs a step of this number of rows. */
  <T> T run(int rowCount, Supplier<T> step) {
    if (all == 1) {
      return step.get();
    }
    if (rowCount != rows) {
      abandon();
      rows = rowCount;
    }
    long begin = ticker.getAsLong();
    T result = step.get();
    long now = ticker.getAsLong();
    nanos += now - begin;
    steps++;
    if ((steps >= WINDOW_STEPS && nanos >= WINDOW_NANOS) || hasFailed()) {
      end((double) nanos / steps, now);
      steps = 0;
      nanos = 0;
    }
    return result;
  }

  /** Whether the trial that is under way already takes longer than a window did before. */
  private boolean hasFailed() {
    return before > 0 && nanos > Math.max(WINDOW_NANOS, before * WINDOW_STEPS);
  }

  /** Discards the window: its steps do not all have the same number of rows. */
  private void abandon() {
    steps = 0;
    nanos = 0;
    if (before > 0) {
      before = 0;
      use(other());
    }
  }

  private void end(double mean, long now) {
    if (before > 0) {
      if (mean < CLEARLY * before) {
        patience = TRIAL_NANOS;
        report(mean);
      } else {
        patience = Math.min(2 * patience, ROUTINE_NANOS);
        use(other());
      }
      before = 0;
    } else if (isDue(mean, now)) {
      before = mean;
      lastTrial = now;
      use(other());
    }
  }

  private boolean isDue(double mean, long now) {
    if (now - lastRoutine >= ROUTINE_NANOS) {
      lastRoutine = now;
      fastest.clear();
      return true;
    }
    boolean slow = threads == 1 || mean > SLOW * fastest.merge(rows, mean, Math::min);
    return slow && now - lastTrial >= patience;
  }

  private int other() {
    return threads == 1 ? all : 1;
  }

  private void use(int count) {
    threads = count;
    set.accept(count);
  }

  private void report(double mean) {
    LOGGER
        .atInfo()
        .addKeyValue("threads", threads)
        .addKeyValue("stepMillis", mean / 1e6)
        .addKeyValue("stepMillisBefore", before / 1e6)
        .log("Frame steps are faster with another number of threads");
  }
}
