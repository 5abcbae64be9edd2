package dev.utter.worker.storage.failure;

import dev.utter.worker.failure.RetryLaterException;
import org.jspecify.annotations.Nullable;

/**
 * The store does not answer, answers with an error of its own, or does not accept the worker's
 * credentials.
 *
 * <p>Refused credentials count as temporary although an operator must correct them: the request is
 * not at fault, and a worker that ended instead would restart, start the same request again and use
 * up its attempts.
 */
public sealed class StorageUnavailableException extends RetryLaterException
    permits StorageMisconfiguredException {
  StorageUnavailableException(String message, @Nullable Throwable cause) {
    super(message, cause);
  }
}
