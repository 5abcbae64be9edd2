package dev.utter.worker.storage;

import dev.utter.worker.rules.Excerpt;
import dev.utter.worker.storage.failure.ObjectTooLargeException;
import dev.utter.worker.storage.object.ObjectLocation;
import java.io.IOException;
import java.io.InputStream;

/** Reads a stream that may be longer than announced, or not announced at all. */
final class BoundedRead {
  private BoundedRead() {}

  /**
   * All bytes of a stream.
   *
   * @param announced the announced size in bytes, null if there was none
   * @throws ObjectTooLargeException before reading if the announced size is above the limit, or
   *     once one byte more than the limit has arrived
   * @throws IOException if fewer bytes arrive than announced, or what is announced is no size
   */
  static byte[] all(ObjectLocation location, InputStream in, String announced, long limit)
      throws IOException {
    if (announced == null) {
      return unannounced(location, in, limit);
    }
    long size = size(announced);
    if (size > limit) {
      throw new ObjectTooLargeException(location, announced, limit);
    }
    byte[] bytes = new byte[Math.toIntExact(size)];
    int arrived = in.readNBytes(bytes, 0, bytes.length);
    if (arrived < size) {
      throw new IOException("only " + arrived + " of " + size + " bytes arrived");
    }
    if (in.read() >= 0) {
      throw new ObjectTooLargeException(location, "more than the announced " + announced, limit);
    }
    return bytes;
  }

  private static long size(String announced) throws IOException {
    try {
      long size = Long.parseLong(announced);
      if (size >= 0) {
        return size;
      }
    } catch (NumberFormatException e) {
      // Reported below.
    }
    throw new IOException("the announced size is " + Excerpt.of(announced) + ", must be a number");
  }

  private static byte[] unannounced(ObjectLocation location, InputStream in, long limit)
      throws IOException {
    byte[] bytes = in.readNBytes(Math.toIntExact(limit + 1));
    if (bytes.length > limit) {
      throw new ObjectTooLargeException(location, "more than " + limit, limit);
    }
    return bytes;
  }
}
