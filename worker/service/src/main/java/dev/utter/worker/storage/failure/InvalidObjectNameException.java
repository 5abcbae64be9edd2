package dev.utter.worker.storage.failure;

import dev.utter.worker.storage.object.ObjectLocation;

/** No object can have this bucket, key or version. */
public final class InvalidObjectNameException extends UnusableObjectException {
  public InvalidObjectNameException(ObjectLocation location, String rule, Throwable cause) {
    super(location, location + " cannot name an object: " + rule, cause);
  }
}
