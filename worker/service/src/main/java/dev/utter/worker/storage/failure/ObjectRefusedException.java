package dev.utter.worker.storage.failure;

import dev.utter.worker.storage.answer.StoreAnswer;
import dev.utter.worker.storage.object.ObjectLocation;

/** The store refuses to give or to take this object, and says so with a code of its own. */
public final class ObjectRefusedException extends UnusableObjectException {
  ObjectRefusedException(ObjectLocation location, StoreAnswer answer, Throwable cause) {
    super(location, location + ": the store refuses it, " + answer.describe(), cause);
  }
}
