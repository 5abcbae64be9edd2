package dev.utter.worker.failure;

import org.jspecify.annotations.Nullable;

/**
 * Something the request needs is unavailable for now: a store, a registry, a broker. The request
 * keeps its place and is tried again; nothing counts against it.
 */
public class RetryLaterException extends RuntimeException {

  /** What is unavailable, and why. */
  public RetryLaterException(String message, @Nullable Throwable cause) {
    super(message, cause);
  }
}
