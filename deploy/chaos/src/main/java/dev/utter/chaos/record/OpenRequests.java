package dev.utter.chaos.record;

import java.util.HashSet;
import java.util.Set;
import java.util.concurrent.TimeUnit;

/** Requests that were published and have no outcome yet. Methods may be called from any thread. */
public final class OpenRequests {
  private final Set<String> open = new HashSet<>();
  private final Set<String> ended = new HashSet<>();

  /** The request is about to be published. */
  public synchronized void asked(String id) {
    if (!ended.contains(id)) {
      open.add(id);
    }
  }

  synchronized void ended(String id) {
    ended.add(id);
    if (open.remove(id)) {
      notifyAll();
    }
  }

  /** Requests that have no outcome yet. */
  public synchronized Set<String> snapshot() {
    return new HashSet<>(open);
  }

  /** How many have their outcome. */
  synchronized long ended() {
    return ended.size();
  }

  /** Whether a request has its outcome. */
  synchronized boolean isOver(String id) {
    return ended.contains(id);
  }

  /**
   * Returns when all of these requests have their outcome, or after the timeout.
   *
   * @return requests that still have no outcome
   */
  public synchronized Set<String> await(Set<String> ids, long millis) throws InterruptedException {
    long deadline = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(millis);
    Set<String> left = new HashSet<>(ids);
    left.removeAll(ended);
    while (!left.isEmpty()) {
      long wait = TimeUnit.NANOSECONDS.toMillis(deadline - System.nanoTime());
      if (wait <= 0) {
        break;
      }
      wait(wait);
      left.removeAll(ended);
    }
    return left;
  }
}
