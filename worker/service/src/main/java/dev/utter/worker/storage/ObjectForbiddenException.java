package dev.utter.worker.storage;

/** The worker's credentials are good, but do not let it read this object. */
public final class ObjectForbiddenException extends UnusableObjectException {
  ObjectForbiddenException(ObjectLocation location, Throwable cause) {
    super(location, location + ": the worker may not read it", cause);
  }
}
