package dev.utter.worker.admission;

import static java.util.Objects.requireNonNull;

import dev.utter.worker.failure.WorkerBrokenException;
import java.nio.ByteBuffer;
import java.time.Instant;
import java.util.Arrays;
import java.util.Optional;

/**
 * What is remembered of one request id.
 *
 * @param fingerprint digest of the request's content; empty while only a cancellation has come
 * @param seenAt when the id was first seen
 * @param cancelled whether a cancellation has come
 */
record RequestEntry(Optional<Fingerprint> fingerprint, Instant seenAt, boolean cancelled) {
  private static final byte VERSION = 1;
  private static final int HEADER_BYTES = 2 + Long.BYTES;

  RequestEntry {
    requireNonNull(fingerprint, "fingerprint is null");
    requireNonNull(seenAt, "seenAt is null");
  }

  RequestEntry withFingerprint(Fingerprint content) {
    return new RequestEntry(Optional.of(content), seenAt, cancelled);
  }

  RequestEntry withCancellation() {
    return new RequestEntry(fingerprint, seenAt, true);
  }

  /** Version, cancelled, seenAt in milliseconds, then the fingerprint if there is one. */
  byte[] toBytes() {
    byte[] content = fingerprint.map(Fingerprint::bytes).orElse(new byte[0]);
    return ByteBuffer.allocate(HEADER_BYTES + content.length)
        .put(VERSION)
        .put((byte) (cancelled ? 1 : 0))
        .putLong(seenAt.toEpochMilli())
        .put(content)
        .array();
  }

  /**
   * An entry from its bytes.
   *
   * @throws WorkerBrokenException if a newer worker wrote it: what it says of the id must not be
   *     ignored
   */
  static RequestEntry fromBytes(byte[] bytes) {
    if (bytes.length < HEADER_BYTES || bytes[0] != VERSION) {
      throw new WorkerBrokenException(
          "the store of request ids has an entry of version %s, this worker reads %d: it was"
                  .formatted(bytes.length == 0 ? "none" : bytes[0], VERSION)
              + " written by a newer worker; run that version, or delete the store's changelog"
              + " topic and forget all ids");
    }
    ByteBuffer buffer = ByteBuffer.wrap(bytes, 1, bytes.length - 1);
    boolean cancelled = buffer.get() == 1;
    Instant seenAt = Instant.ofEpochMilli(buffer.getLong());
    byte[] content = Arrays.copyOfRange(bytes, HEADER_BYTES, bytes.length);
    return new RequestEntry(
        content.length == 0 ? Optional.empty() : Optional.of(new Fingerprint(content)),
        seenAt,
        cancelled);
  }
}
