package dev.utter.worker.storage;

/** The worker's credentials are good, but do not let it use this object. */
public final class ObjectForbiddenException extends UnusableObjectException {
  ObjectForbiddenException(ObjectLocation location, StoreAnswer answer, Throwable cause) {
    super(
        location,
        location
            + (answer.toPut()
                ? ": the worker may not write it, "
                : ": the worker may not read it, ")
            + answer.describe(),
        cause);
  }
}
