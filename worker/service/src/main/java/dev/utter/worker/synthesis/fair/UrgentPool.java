package dev.utter.worker.synthesis.fair;

import dev.utter.worker.synthesis.fair.LaneQueue.Next;
import dev.utter.worker.synthesis.job.Job;
import dev.utter.worker.threads.NamedThreads;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.Executor;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;

/**
 * Threads that take tasks of the most urgent jobs first, except for the shares of the lanes, and
 * the tasks of one lane from its publishers in turn. Every task counts the same.
 */
public final class UrgentPool {
  private final LaneQueue<Runnable> tasks;
  private final NamedThreads threads;
  private final ThreadPoolExecutor pool;

  /**
   * Starts no thread yet.
   *
   * @param size number of threads
   * @param name start of their names
   */
  public UrgentPool(int size, String name, LaneShares shares) {
    tasks = new LaneQueue<>(shares, 1, size);
    threads = NamedThreads.of(name);
    // Its queue has one entry for each task; an entry is not bound to a particular task.
    pool =
        new ThreadPoolExecutor(
            size, size, 0, TimeUnit.MILLISECONDS, new LinkedBlockingQueue<>(), threads);
  }

  /** Takes tasks of a job. */
  public Executor of(Job job) {
    return work -> {
      synchronized (tasks) {
        tasks.add(work, job.urgency(), job.publisher(), 1);
      }
      pool.execute(this::runNext);
    };
  }

  private void runNext() {
    Optional<Next<Runnable>> next;
    synchronized (tasks) {
      next = tasks.poll();
    }
    next.ifPresent(task -> task.item().run());
  }

  /** Takes nothing more and drops what has not begun; what has begun is still done. */
  public void shutdown() {
    pool.shutdown();
    pool.getQueue().clear();
  }

  /** Takes nothing more, drops what has not begun, and interrupts what has. */
  public void interrupt() {
    pool.shutdownNow();
  }

  /** Waits for the threads to end after a {@link #shutdown} or {@link #interrupt}. */
  public boolean join(Duration patience) {
    return threads.join(patience);
  }
}
