package dev.utter.worker.threads;

import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/**
 * Waiting that ends early when the worker stops. A stage's threads share one.
 *
 * <p>Threading: safe.
 */
public class Pause implements AutoCloseable {
  private final CountDownLatch closed = new CountDownLatch(1);

  /**
   * Waits.
   *
   * @return false if the wait was cut short because the worker stops
   */
  public boolean await(Duration time) {
    try {
      return !closed.await(time.toNanos(), TimeUnit.NANOSECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return false;
    }
  }

  /** Ends all waits, now and later. */
  @Override
  public void close() {
    closed.countDown();
  }
}
