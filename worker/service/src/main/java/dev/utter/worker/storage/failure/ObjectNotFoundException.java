package dev.utter.worker.storage.failure;

import dev.utter.worker.storage.object.ObjectLocation;

/** The bucket has no such key, or the key no such version. */
public final class ObjectNotFoundException extends UnusableObjectException {
  ObjectNotFoundException(ObjectLocation location, Throwable cause) {
    super(
        location,
        location
            + (location.versionId().isPresent()
                ? ": there is no such version of it"
                : ": there is no such object"),
        cause);
  }
}
