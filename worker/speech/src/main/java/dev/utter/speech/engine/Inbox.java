package dev.utter.speech.engine;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;

/**
 * New generations, until the engine's thread accepts them.
 *
 * <p>Threading: safe.
 */
final class Inbox {

  private List<Generation> arrivals = new ArrayList<>();
  private Optional<Supplier<RuntimeException>> closed = Optional.empty();

  /** Adds a generation, or fails its future if the inbox is closed. */
  void put(Generation generation) {
    Supplier<RuntimeException> why;
    synchronized (this) {
      if (closed.isEmpty()) {
        arrivals.add(generation);
        notifyAll();
        return;
      }
      why = closed.get();
    }
    generation.future.completeExceptionally(why.get());
  }

  /** Refuses new generations from now on. Earlier ones can still be taken. */
  synchronized void close(Supplier<RuntimeException> why) {
    if (closed.isEmpty()) {
      closed = Optional.of(why);
      notifyAll();
    }
  }

  /** Why it is closed, if it is. */
  synchronized Optional<Supplier<RuntimeException>> closed() {
    return closed;
  }

  synchronized int size() {
    return arrivals.size();
  }

  /** Removes and returns all generations. */
  synchronized List<Generation> take() {
    List<Generation> taken = arrivals;
    arrivals = new ArrayList<>();
    return taken;
  }

  /** Waits until there is a generation or the inbox is closed. */
  synchronized void await() throws InterruptedException {
    while (arrivals.isEmpty() && closed.isEmpty()) {
      wait();
    }
  }
}
