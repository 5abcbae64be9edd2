package dev.utter.worker.storage;

/** No object can have this bucket, key or version. */
public final class InvalidObjectNameException extends UnusableObjectException {
  InvalidObjectNameException(ObjectLocation location, String rule, Throwable cause) {
    super(location, location + " cannot name an object: " + rule, cause);
  }
}
