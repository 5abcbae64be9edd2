package dev.utter.worker.decoding;

import dev.utter.worker.failure.RetryLaterException;
import java.util.concurrent.Semaphore;
import java.util.function.Supplier;

/**
 * An amount of memory that is given out and comes back. Who waits gets it in the order of arrival,
 * so that small wishes do not starve large ones.
 *
 * <p>Threading: safe. Whoever holds memory must not ask for more of it.
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
   * The result of work that runs while it holds memory.
   *
   * @param bytes how much it may use. Work that may use more than there is runs alone
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
