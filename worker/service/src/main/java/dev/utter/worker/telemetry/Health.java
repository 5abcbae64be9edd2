package dev.utter.worker.telemetry;

import java.util.Map;
import java.util.Optional;

/** How the worker is. Asked on the server's threads: must answer at once. */
public interface Health {

  /** Why the process is beyond help and should be restarted; empty if it is not. */
  Optional<String> broken();

  /**
   * The parts that must be ready before work should be sent here, and for each what it still waits
   * for; empty if it is ready.
   */
  Map<String, Optional<String>> parts();
}
