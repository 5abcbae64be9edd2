package dev.utter.worker.failure;

import org.jspecify.annotations.Nullable;

/**
 * This worker no longer owns the partition the request came from. Its work is dropped without an
 * event: the new owner handles the request.
 */
public class NotMineException extends RuntimeException {

  /** What is no longer owned. */
  public NotMineException(String message) {
    super(message);
  }

  /** What is no longer owned, with the cause. */
  public NotMineException(String message, @Nullable Throwable cause) {
    super(message, cause);
  }
}
