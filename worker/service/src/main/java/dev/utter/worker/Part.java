package dev.utter.worker;

import java.time.Duration;
import java.util.Optional;

/** A part of the worker that works on its own once started. */
interface Part {

  /** Name in health answers. */
  String name();

  /** Starts; may return before the part is ready. */
  void start();

  /** What it still waits for; empty if it is ready. */
  Optional<String> waitingFor();

  /** Why it will not move again by itself; empty if it may. */
  default Optional<String> hung() {
    return Optional.empty();
  }

  /**
   * Finishes or hands over what it has, and stops.
   *
   * @param limit how long that may take
   * @return whether nothing of it runs any more
   */
  boolean close(Duration limit);
}
