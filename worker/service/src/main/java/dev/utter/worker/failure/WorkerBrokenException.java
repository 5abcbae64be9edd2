package dev.utter.worker.failure;

import org.jspecify.annotations.Nullable;

/**
 * The worker itself cannot go on: out of memory, a fatal producer error, a checkpoint that does not
 * load. The process should stop, so that another takes its work.
 */
public class WorkerBrokenException extends RuntimeException {

  /** What is broken. */
  public WorkerBrokenException(String message) {
    super(message);
  }

  /** What is broken, and why. */
  public WorkerBrokenException(String message, @Nullable Throwable cause) {
    super(message, cause);
  }
}
