package dev.utter.worker.storage.failure;

import dev.utter.worker.storage.object.ObjectLocation;
import org.jspecify.annotations.Nullable;

/**
 * A fact about the requested object that no retry will change. It is reported to the caller who
 * named the object.
 */
public abstract sealed class UnusableObjectException extends RuntimeException
    permits BucketNotFoundException,
        ObjectNotFoundException,
        ObjectForbiddenException,
        ObjectRefusedException,
        ObjectTooLargeException,
        InvalidObjectNameException {
  private final transient ObjectLocation location;

  UnusableObjectException(ObjectLocation location, String message, @Nullable Throwable cause) {
    super(message, cause);
    this.location = location;
  }

  /** The object asked for. */
  public ObjectLocation location() {
    return location;
  }
}
