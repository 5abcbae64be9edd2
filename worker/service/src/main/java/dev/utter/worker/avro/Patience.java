package dev.utter.worker.avro;

import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.LongSupplier;

/**
 * Limits how long a missing schema is requested again. A follower registry may be a moment behind
 * its leader, and a registry that is being restored may be longer.
 *
 * <p>A waiting record blocks those behind it, and any publisher can write records with unregistered
 * ids. So waiting uses up an allowance, which grows back by a tenth of the elapsed time. However
 * many such records there are, they cost a tenth of the time.
 *
 * <p>Threading: may be shared.
 */
final class Patience {
  private static final int MAX_KEYS = 1000;
  private static final int GROWTH_DIVISOR = 10;

  private final long limitNanos;
  private final LongSupplier nanos;
  private final Map<Object, Wait> waits =
      new LinkedHashMap<>() {
        private static final long serialVersionUID = 1L;

        @Override
        protected boolean removeEldestEntry(Map.Entry<Object, Wait> eldest) {
          return size() > MAX_KEYS;
        }
      };
  private long allowanceNanos;
  private long grownAt;

  private record Wait(long since, long limitNanos) {}

  /**
   * Patience with its full allowance.
   *
   * @param limit max wait for one key, and max allowance
   * @param nanos monotonic clock in nanoseconds, such as {@link System#nanoTime}
   */
  Patience(Duration limit, LongSupplier nanos) {
    limitNanos = limit.toNanos();
    this.nanos = nanos;
    allowanceNanos = limitNanos;
    grownAt = nanos.getAsLong();
  }

  /** Whether to request a key again after a request that just failed. */
  synchronized boolean asksAgain(Object key) {
    long now = grow();
    Wait wait = waits.computeIfAbsent(key, absent -> new Wait(now, allowanceNanos));
    if (now - wait.since() < wait.limitNanos()) {
      return true;
    }
    end(key);
    return false;
  }

  /** The key was found. */
  synchronized void end(Object key) {
    if (waits.isEmpty()) {
      return;
    }
    Wait wait = waits.remove(key);
    if (wait != null) {
      long waited = Math.min(grow() - wait.since(), wait.limitNanos());
      allowanceNanos = Math.max(0, allowanceNanos - waited);
    }
  }

  private long grow() {
    long now = nanos.getAsLong();
    long grown = (now - grownAt) / GROWTH_DIVISOR;
    allowanceNanos = Math.min(limitNanos, allowanceNanos + grown);
    grownAt = now;
    return now;
  }
}
