package dev.utter.worker.storage;

import dev.utter.worker.storage.object.ObjectLocation;
import io.minio.GetObjectArgs;
import io.minio.GetObjectResponse;
import io.minio.MinioClient;
import io.minio.PutObjectArgs;
import io.minio.errors.MinioException;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;

/**
 * Objects that are too large for memory: read in ranges, written in parts. Uses the connections of
 * a store. Thread-safe; calls block, for no longer than the settings' call timeout for each range
 * and each part.
 */
public final class LargeObjects {
  /** Bytes of a part, so that each is sent within the time that a call may take. */
  private static final long PART_BYTES = 16L << 20;

  /** S3's limit is 10 000. */
  private static final long MAX_PARTS = 9_000;

  private static final int BUFFER_BYTES = 1 << 16;

  private final ObjectStore store;
  private final MinioClient client;

  /** Receives the bytes of a range in order; what it throws ends the read. */
  @FunctionalInterface
  public interface Receiver {
    /**
     * Takes bytes.
     *
     * @param buffer has them at its start; it is used again
     * @param length their number
     */
    void accept(byte[] buffer, int length);
  }

  /**
   * @param store the store; it stays open
   */
  public LargeObjects(ObjectStore store) {
    this.store = store;
    client = store.client();
  }

  /**
   * Reads a range.
   *
   * @param from its first byte
   * @param length its bytes, 1 or more
   * @param size bytes that the whole object must have
   * @param receiver has received a part of them if this throws
   * @throws dev.utter.worker.storage.failure.UnusableObjectException if the object is not there, or
   *     may not be read
   * @throws dev.utter.worker.storage.failure.StorageUnavailableException if the store does not
   *     answer for now, or with something else
   */
  public void read(ObjectLocation location, long from, long length, long size, Receiver receiver) {
    byte[] buffer = new byte[BUFFER_BYTES];
    try (GetObjectResponse response = open(location, from, length)) {
      String range = "bytes %d-%d/%d".formatted(from, from + length - 1, size);
      String answered = response.headers().get("Content-Range");
      if (!range.equals(answered)) {
        throw new IOException("the range is " + answered + ", must be " + range);
      }
      for (long left = length; left > 0; ) {
        int got = response.read(buffer, 0, (int) Math.min(left, buffer.length));
        if (got < 0) {
          throw new EOFException("only " + (length - left) + " of " + length + " bytes arrived");
        }
        receiver.accept(buffer, got);
        left -= got;
      }
    } catch (IOException e) {
      throw store.failure(location, e);
    }
  }

  private GetObjectResponse open(ObjectLocation location, long from, long length) {
    try {
      return client.getObject(
          GetObjectArgs.builder()
              .bucket(location.bucket())
              .object(location.key())
              .offset(from)
              .length(length)
              .build());
    } catch (MinioException | RuntimeException e) {
      throw store.failure(location, e);
    }
  }

  /**
   * Writes an object, over one that is there, in parts if it is large. No more than a few parts are
   * in memory. The object appears when all of it has arrived.
   *
   * @param content its content; the caller closes it
   * @param bytes size of the content
   * @param mediaType media type
   * @throws dev.utter.worker.storage.failure.UnusableObjectException if the store refuses it
   * @throws dev.utter.worker.storage.failure.StorageUnavailableException if the store does not
   *     answer for now, or the content cannot be read
   */
  public void put(ObjectLocation location, InputStream content, long bytes, String mediaType) {
    if (bytes <= BUFFER_BYTES) {
      put(location, all(location, content), mediaType);
      return;
    }
    put(
        location,
        PutObjectArgs.builder().stream(content, bytes, Math.max(PART_BYTES, bytes / MAX_PARTS + 1))
            .contentType(mediaType));
  }

  private byte[] all(ObjectLocation location, InputStream content) {
    try {
      return content.readAllBytes();
    } catch (IOException e) {
      throw store.failure(location, e);
    }
  }

  /** As {@link #put(ObjectLocation, InputStream, long, String)}, of bytes in memory. */
  public void put(ObjectLocation location, byte[] content, String mediaType) {
    put(location, PutObjectArgs.builder().data(content, content.length).contentType(mediaType));
  }

  private void put(ObjectLocation location, PutObjectArgs.Builder args) {
    try {
      client.putObject(args.bucket(location.bucket()).object(location.key()).build());
    } catch (MinioException | RuntimeException e) {
      throw store.failure(location, e);
    }
  }
}
