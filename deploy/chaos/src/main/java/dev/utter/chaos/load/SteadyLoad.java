package dev.utter.chaos.load;

import dev.utter.chaos.record.OpenRequests;
import java.time.Duration;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/**
 * Publishes mixed requests, one after another at a rate, during the faults. It waits while too many
 * requests are open, so that a run measures faults and not a growing queue.
 */
public final class SteadyLoad implements AutoCloseable {
  private final Publisher publisher;
  private final OpenRequests open;
  private final int count;
  private final Duration pause;
  private final int maxOpen;
  private final Thread thread = new Thread(this::run, "chaos-load");
  private volatile boolean paused;
  private volatile boolean closed;
  private volatile int published;
  private volatile @Nullable RuntimeException failure;

  /**
   * A load that has not started.
   *
   * @param count requests in all
   * @param pause between two requests
   * @param maxOpen limit of requests without outcome; none is published above it
   */
  public SteadyLoad(
      Publisher publisher, OpenRequests open, int count, Duration pause, int maxOpen) {
    this.publisher = publisher;
    this.open = open;
    this.count = count;
    this.pause = pause;
    this.maxOpen = maxOpen;
    thread.setDaemon(true);
  }

  /** Starts to publish. */
  public void start() {
    thread.start();
  }

  /** Publishes nothing until {@link #resume()}. */
  public void pause() {
    paused = true;
  }

  /** Goes on. */
  public void resume() {
    paused = false;
  }

  /** Whether all were published. */
  public boolean isDone() {
    if (failure != null) {
      throw new IllegalStateException("the load ended: " + failure.getMessage(), failure);
    }
    return published == count;
  }

  /** How many were published. */
  public int published() {
    return published;
  }

  private void run() {
    try {
      while (published < count && !closed) {
        if (!paused && open.snapshot().size() < maxOpen) {
          publisher.mixed(published);
          published++;
        }
        LockSupport.parkNanos(pause.toNanos());
      }
    } catch (RuntimeException e) {
      failure = e;
    }
  }

  @Override
  public void close() {
    closed = true;
    try {
      thread.join();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
