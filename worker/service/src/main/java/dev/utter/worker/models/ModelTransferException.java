package dev.utter.worker.models;

import org.jspecify.annotations.Nullable;

/**
 * A model could not be pushed or pulled. The message names the object or the file, what is wrong
 * with it and what to do.
 */
public final class ModelTransferException extends RuntimeException {
  ModelTransferException(String message) {
    this(message, null);
  }

  ModelTransferException(String message, @Nullable Throwable cause) {
    super(message, cause);
  }
}
