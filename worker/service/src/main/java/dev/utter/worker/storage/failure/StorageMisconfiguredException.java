package dev.utter.worker.storage.failure;

import org.jspecify.annotations.Nullable;

/**
 * The store does not let the worker use a bucket of the worker's own settings: the bucket is
 * missing, access is denied, or conditional puts are not supported. No request is at fault. The
 * message says what to correct; work goes on when that is done.
 */
public final class StorageMisconfiguredException extends StorageUnavailableException {
  public StorageMisconfiguredException(String message, @Nullable Throwable cause) {
    super(message, cause);
  }
}
