package dev.utter.worker.telemetry;

import java.util.Map;
import java.util.Optional;

/** Health of the worker. Called on the server's threads: must return at once. */
public interface Health {

  /** Why the process is broken and should be restarted; empty if it is not. */
  Optional<String> broken();

  /**
   * The parts that must be ready before work should be sent here, and for each what it still waits
   * for; empty if it is ready.
   */
  Map<String, Optional<String>> parts();

  /** Whether every part is ready. */
  default boolean isReady() {
    return isReady(parts());
  }

  /**
   * Whether every one of these parts is ready.
   *
   * @param parts an answer of {@link #parts}
   */
  default boolean isReady(Map<String, Optional<String>> parts) {
    return broken().isEmpty() && parts.values().stream().allMatch(Optional::isEmpty);
  }
}
