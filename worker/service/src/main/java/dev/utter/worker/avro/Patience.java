package dev.utter.worker.avro;

import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.LongSupplier;

/**
 * How long a schema that the registry does not give is asked for again: a registry that follows
 * another one may be a moment behind, and one that is being restored longer than that.
 *
 * <p>A record that waits holds up the ones behind it, and anybody can publish records with ids that
 * nobody registered. So the waiting comes out of an allowance, which grows back at a tenth of the
 * time that passes: however many such records there are, they cost a tenth of the time.
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
   * Patience that is whole.
   *
   * @param limit for one key, and of the allowance
   * @param nanos a clock that never goes back, as {@link System#nanoTime}
   */
  Patience(Duration limit, LongSupplier nanos) {
    limitNanos = limit.toNanos();
    this.nanos = nanos;
    allowanceNanos = limitNanos;
    grownAt = nanos.getAsLong();
  }

  /** Whether to ask again for what was just asked for in vain. */
  synchronized boolean asksAgain(Object key) {
    long now = grow();
    Wait wait = waits.computeIfAbsent(key, absent -> new Wait(now, allowanceNanos));
    if (now - wait.since() < wait.limitNanos()) {
      return true;
    }
    end(key);
    return false;
  }

  /** What was asked for is there. */
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
