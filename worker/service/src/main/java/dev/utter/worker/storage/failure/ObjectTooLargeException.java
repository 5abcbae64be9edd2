package dev.utter.worker.storage.failure;

import dev.utter.worker.storage.object.ObjectLocation;

/** The object is larger than the limit; nothing past the limit was read. */
public final class ObjectTooLargeException extends UnusableObjectException {
  private final long limit;

  public ObjectTooLargeException(ObjectLocation location, String size, long limit) {
    super(location, "%s has %s bytes, the limit is %d".formatted(location, size, limit), null);
    this.limit = limit;
  }

  /** The limit in bytes. */
  public long limit() {
    return limit;
  }
}
