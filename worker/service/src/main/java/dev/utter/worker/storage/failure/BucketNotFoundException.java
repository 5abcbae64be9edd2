package dev.utter.worker.storage.failure;

import dev.utter.worker.storage.object.ObjectLocation;

/** There is no such bucket. */
public final class BucketNotFoundException extends UnusableObjectException {
  BucketNotFoundException(ObjectLocation location, Throwable cause) {
    super(location, location + ": there is no bucket \"" + location.bucket() + "\"", cause);
  }
}
