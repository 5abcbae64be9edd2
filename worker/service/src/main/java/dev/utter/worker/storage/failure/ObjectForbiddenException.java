package dev.utter.worker.storage.failure;

import dev.utter.worker.storage.answer.StoreAnswer;
import dev.utter.worker.storage.object.ObjectLocation;

/** The worker's credentials are good, but do not let it use this object. */
public final class ObjectForbiddenException extends UnusableObjectException {
  public ObjectForbiddenException(ObjectLocation location, StoreAnswer answer, Throwable cause) {
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
