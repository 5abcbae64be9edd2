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

  /** Why it is stuck and needs a restart of the process; empty if it is not stuck. */
  default Optional<String> hung() {
    return Optional.empty();
  }

  /**
   * Finishes or hands over what it has, and stops.
   *
   * @param limit how long that may take
   * @return whether all of its threads have ended
   */
  boolean close(Duration limit);
}
