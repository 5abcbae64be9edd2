package dev.utter.worker.telemetry;

import java.util.List;

/**
 * What an operator may ask of the worker through {@link TelemetryServer}. Called on the server's
 * thread: must return at once.
 */
public interface Drain {

  /** How far a drain is. */
  enum Phase {
    /** The worker has not started, or stops; it cannot be drained. */
    UNAVAILABLE,
    /** The worker works as usual. */
    WORKING,
    /** It takes no more work, and finishes what it has. */
    DRAINING,
    /** It has handed everything over. */
    DRAINED
  }

  /**
   * Progress of a drain.
   *
   * @param worker name of the worker
   * @param phase how far it is
   * @param requests requests whose work is not finished yet; 0 unless it drains
   * @param parts parts of the worker that are not drained yet; empty unless it drains
   */
  record Progress(String worker, Phase phase, int requests, List<String> parts) {
    /** Copies the list. */
    public Progress {
      parts = List.copyOf(parts);
    }
  }

  /** How far it is. */
  Progress progress();

  /**
   * Begins to drain; does nothing if it has begun, or is not possible.
   *
   * @param exit whether the process is to end when everything is handed over
   * @return how far it is now
   */
  Progress begin(boolean exit);
}
