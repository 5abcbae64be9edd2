package dev.utter.worker.decoding;

import dev.utter.worker.failure.RetryLaterException;
import java.util.concurrent.Semaphore;
import java.util.function.Supplier;

/**
 * An amount of memory that threads reserve and release. Waiting threads get it in the order of
 * arrival, so that small reservations do not starve large ones.
 *
 * <p>Threading: safe. A thread that holds memory must not reserve more, because it could deadlock.
 */
final class MemoryBudget {
  private static final long UNIT_BYTES = 1024;

  private final int units;
  private final Semaphore free;

  MemoryBudget(long bytes) {
    units = Math.toIntExact(Math.max(1, bytes / UNIT_BYTES));
    free = new Semaphore(units, true);
  }

  /**
   * Runs work while it holds memory, and returns its result.
   *
   * @param bytes memory that the work may use; work that may use more than the whole budget runs
   *     alone
   * @throws RetryLaterException if the thread was interrupted while it waited
   */
  <T> T with(long bytes, Supplier<T> work) {
    int wanted = (int) Math.min(units, (bytes + UNIT_BYTES - 1) / UNIT_BYTES);
    try {
      free.acquire(wanted);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new RetryLaterException("interrupted while it waited for memory to decode in", e);
    }
    try {
      return work.get();
    } finally {
      free.release(wanted);
    }
  }

  long freeBytes() {
    return free.availablePermits() * UNIT_BYTES;
  }
}
