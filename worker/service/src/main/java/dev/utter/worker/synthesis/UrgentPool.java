package dev.utter.worker.synthesis;

import dev.utter.speech.Urgency;
import dev.utter.worker.threads.NamedThreads;
import java.time.Duration;
import java.util.concurrent.Executor;
import java.util.concurrent.PriorityBlockingQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;

/** Threads that take the most urgent task first, and those of one urgency as they came. */
final class UrgentPool {
  private record Task(Urgency urgency, long order, Runnable work)
      implements Runnable, Comparable<Task> {
    @Override
    public void run() {
      work.run();
    }

    @Override
    public int compareTo(Task other) {
      int byUrgency = urgency.compareTo(other.urgency);
      return byUrgency == 0 ? Long.compare(order, other.order) : byUrgency;
    }
  }

  private final AtomicLong arrivals = new AtomicLong();
  private final NamedThreads threads;
  private final ThreadPoolExecutor pool;

  UrgentPool(int size, String name) {
    threads = NamedThreads.of(name);
    pool =
        new ThreadPoolExecutor(
            size, size, 0, TimeUnit.MILLISECONDS, new PriorityBlockingQueue<>(), threads);
  }

  /** Takes tasks of this urgency. */
  Executor of(Urgency urgency) {
    return work -> pool.execute(new Task(urgency, arrivals.getAndIncrement(), work));
  }

  /** Takes nothing more and drops what has not begun; what has begun is still done. */
  void shutdown() {
    pool.shutdown();
    pool.getQueue().clear();
  }

  /** Takes nothing more, drops what has not begun, and interrupts what has. */
  void interrupt() {
    pool.shutdownNow();
  }

  /** Waits for the threads to end after a {@link #shutdown} or {@link #interrupt}. */
  boolean join(Duration patience) {
    return threads.join(patience);
  }
}
