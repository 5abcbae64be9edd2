package dev.utter.worker.admission;

import static java.util.Objects.requireNonNull;

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

  static RequestEntry fromBytes(byte[] bytes) {
    ByteBuffer buffer = ByteBuffer.wrap(bytes);
    byte version = buffer.get();
    if (version != VERSION) {
      throw new IllegalArgumentException(
          "request entry of version " + version + ", this worker reads " + VERSION);
    }
    boolean cancelled = buffer.get() == 1;
    Instant seenAt = Instant.ofEpochMilli(buffer.getLong());
    byte[] content = Arrays.copyOfRange(bytes, HEADER_BYTES, bytes.length);
    return new RequestEntry(
        content.length == 0 ? Optional.empty() : Optional.of(new Fingerprint(content)),
        seenAt,
        cancelled);
  }
}
