package dev.utter.speech.engine;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;

/**
 * Where new generations wait for the engine's thread to take them in.
 *
 * <p>Threading: safe.
 */
final class Inbox {

  private List<Generation> arrivals = new ArrayList<>();
  private Optional<Supplier<RuntimeException>> closed = Optional.empty();

  /** Puts in a generation, or fails its future if the inbox is closed. */
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

  /** Refuses whatever comes from now on. What came before can still be taken. */
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

  /** Takes out all there is. */
  synchronized List<Generation> take() {
    List<Generation> taken = arrivals;
    arrivals = new ArrayList<>();
    return taken;
  }

  /** Returns once there is something to take or the inbox is closed. */
  synchronized void await() throws InterruptedException {
    while (arrivals.isEmpty() && closed.isEmpty()) {
      wait();
    }
  }
}
