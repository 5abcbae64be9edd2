package dev.utter.worker.synthesis;

import dev.utter.speech.Urgency;
import java.util.concurrent.Executor;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.PriorityBlockingQueue;
import java.util.concurrent.ThreadFactory;
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
  private final ThreadPoolExecutor threads;

  UrgentPool(int size, ThreadFactory factory) {
    threads =
        new ThreadPoolExecutor(
            size, size, 0, TimeUnit.MILLISECONDS, new PriorityBlockingQueue<>(), factory);
  }

  /** Takes tasks of this urgency. */
  Executor of(Urgency urgency) {
    return work -> threads.execute(new Task(urgency, arrivals.getAndIncrement(), work));
  }

  /** For its end. */
  ExecutorService threads() {
    return threads;
  }
}
