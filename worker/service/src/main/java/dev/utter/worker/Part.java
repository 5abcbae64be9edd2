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
   * Takes no more work, finishes what it has however long that takes, and hands over the rest.
   * Returns when that is done; a {@link #close} meanwhile ends it. The part is not used afterwards.
   */
  default void drain() {}

  /** Requests that a drain still waits for. */
  default int unfinished() {
    return 0;
  }

  /**
   * Finishes or hands over what it has, and stops.
   *
   * @param limit how long that may take
   * @return whether all of its threads have ended
   */
  boolean close(Duration limit);
}
