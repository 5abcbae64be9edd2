package dev.utter.worker.threads;

import static java.util.Objects.requireNonNull;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.TimeUnit;

/**
 * Makes threads named {@code name-1}, {@code name-2} and so on, and waits for their end. An
 * executor calls itself terminated while its last thread still runs, so code that must leave no
 * thread behind has to wait for the threads themselves.
 *
 * <p>Threading: safe.
 */
public final class NamedThreads implements ThreadFactory {
  private final String name;
  private final boolean daemon;
  private final List<Thread> threads = new ArrayList<>();
  private int made;

  private NamedThreads(String name, boolean daemon) {
    this.name = requireNonNull(name, "name is null");
    this.daemon = daemon;
  }

  /** Threads that keep the process alive. */
  public static NamedThreads of(String name) {
    return new NamedThreads(name, false);
  }

  /** Threads that do not keep the process alive. */
  public static NamedThreads daemons(String name) {
    return new NamedThreads(name, true);
  }

  @Override
  public synchronized Thread newThread(Runnable task) {
    Thread thread = new Thread(task, name + "-" + ++made);
    thread.setDaemon(daemon);
    threads.removeIf(old -> old.getState() == Thread.State.TERMINATED);
    threads.add(thread);
    return thread;
  }

  /**
   * Waits until every thread that was started has ended; one that calls this does not wait for
   * itself. An interruption of the caller ends the wait and stays noted.
   *
   * @param patience how long to wait for all of them together
   * @return whether they have ended
   */
  public boolean join(Duration patience) {
    long end = System.nanoTime() + patience.toNanos();
    try {
      for (Thread thread : known()) {
        if (thread != Thread.currentThread()) {
          thread.join(Math.max(1, TimeUnit.NANOSECONDS.toMillis(end - System.nanoTime())));
          if (thread.isAlive()) {
            return false;
          }
        }
      }
      return true;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return false;
    }
  }

  private synchronized List<Thread> known() {
    return List.copyOf(threads);
  }
}
