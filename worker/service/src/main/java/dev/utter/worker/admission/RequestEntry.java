package dev.utter.worker.admission;

import static java.nio.charset.StandardCharsets.UTF_8;
import static java.util.Objects.requireNonNull;

import dev.utter.worker.failure.WorkerBrokenException;
import dev.utter.worker.publisher.PublisherKey;
import java.nio.ByteBuffer;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/**
 * What is remembered of one request id.
 *
 * @param fingerprint digest of the request's content; empty while only cancellations have come
 * @param seenAt when the id was first seen
 * @param owner key of the request's publisher; empty while only cancellations have come, and for a
 *     request from before publishers were distinguished, which belongs to any publisher
 * @param cancelledBy keys of those who cancelled the id, {@link #ANYBODY} among them for a
 *     cancellation from before publishers were distinguished
 * @param deadLettered whether the request failed because its record became a dead letter: an
 *     operator may publish that record again
 */
record RequestEntry(
    Optional<Fingerprint> fingerprint,
    Instant seenAt,
    Optional<String> owner,
    List<String> cancelledBy,
    boolean deadLettered) {
  /** Stands for any publisher; it is no publisher's key. */
  static final String ANYBODY = "";

  /** Bounds the entry: only the owner's cancellation counts, so a few others are enough. */
  private static final int MAX_CANCELLERS = 4;

  private static final byte WITHOUT_PUBLISHERS = 1;
  private static final byte VERSION = 2;
  private static final int HEADER_BYTES = 2 + Long.BYTES;
  private static final int FINGERPRINT_BYTES = 32;
  private static final int HAS_FINGERPRINT = 1;
  private static final int HAS_OWNER = 2;

  /** Older workers, which do not know this flag, treat the id as taken. */
  private static final int DEAD_LETTERED = 4;

  RequestEntry {
    requireNonNull(fingerprint, "fingerprint is null");
    requireNonNull(seenAt, "seenAt is null");
    requireNonNull(owner, "owner is null");
    cancelledBy = List.copyOf(cancelledBy);
  }

  /** Of an id that is seen for the first time. */
  static RequestEntry seen(Instant now) {
    return new RequestEntry(Optional.empty(), now, Optional.empty(), List.of(), false);
  }

  RequestEntry takenBy(String publisher, Fingerprint content) {
    return new RequestEntry(
        Optional.of(content), seenAt, Optional.of(publisher), cancelledBy, false);
  }

  RequestEntry asDeadLetter() {
    return new RequestEntry(fingerprint, seenAt, owner, cancelledBy, true);
  }

  /** Whether another publisher took the id. */
  boolean isForeignTo(String publisher) {
    return owner.isPresent() && !owner.get().equals(publisher);
  }

  RequestEntry withCancellation(String publisher) {
    List<String> all = new ArrayList<>(cancelledBy);
    if (!all.contains(publisher) && all.size() < MAX_CANCELLERS) {
      all.add(publisher);
    }
    return new RequestEntry(fingerprint, seenAt, owner, all, deadLettered);
  }

  /** Whether a cancellation that counts for a request of this publisher has come. */
  boolean isCancelledFor(String publisher) {
    return cancelledBy.contains(publisher) || cancelledBy.contains(ANYBODY);
  }

  /**
   * Binary form: version, flags, seenAt in milliseconds; then fingerprint and owner, if present,
   * and the keys of those who cancelled, each preceded by its length.
   */
  byte[] toBytes() {
    int capacity =
        HEADER_BYTES + FINGERPRINT_BYTES + (1 + PublisherKey.MAX_BYTES) * (1 + MAX_CANCELLERS);
    ByteBuffer buffer =
        ByteBuffer.allocate(capacity)
            .put(VERSION)
            .put(
                (byte)
                    ((fingerprint.isPresent() ? HAS_FINGERPRINT : 0)
                        | (owner.isPresent() ? HAS_OWNER : 0)
                        | (deadLettered ? DEAD_LETTERED : 0)))
            .putLong(seenAt.toEpochMilli());
    fingerprint.ifPresent(content -> buffer.put(content.bytes()));
    owner.ifPresent(key -> put(buffer, key));
    cancelledBy.forEach(key -> put(buffer, key));
    return Arrays.copyOf(buffer.array(), buffer.position());
  }

  private static void put(ByteBuffer buffer, String key) {
    byte[] bytes = key.getBytes(UTF_8);
    buffer.put((byte) bytes.length).put(bytes);
  }

  private static String nextKey(ByteBuffer buffer) {
    byte[] bytes = new byte[buffer.get()];
    buffer.get(bytes);
    return new String(bytes, UTF_8);
  }

  /**
   * An entry from its bytes.
   *
   * @throws WorkerBrokenException if a newer worker wrote it: its content must not be ignored
   */
  static RequestEntry fromBytes(byte[] bytes) {
    byte version = bytes.length < HEADER_BYTES ? 0 : bytes[0];
    if (version != VERSION && version != WITHOUT_PUBLISHERS) {
      throw new WorkerBrokenException(
          "the store of request ids has an entry of version %s, this worker reads up to %d: it was"
                  .formatted(bytes.length == 0 ? "none" : bytes[0], VERSION)
              + " written by a newer worker; run that version, or delete the store's changelog"
              + " topic and forget all ids");
    }
    ByteBuffer buffer = ByteBuffer.wrap(bytes, 1, bytes.length - 1);
    byte flags = buffer.get();
    Instant seenAt = Instant.ofEpochMilli(buffer.getLong());
    return version == VERSION
        ? withPublishers(buffer, flags, seenAt)
        : withoutPublishers(buffer, flags == 1, seenAt);
  }

  private static RequestEntry withPublishers(ByteBuffer buffer, byte flags, Instant seenAt) {
    Optional<Fingerprint> fingerprint = Optional.empty();
    if ((flags & HAS_FINGERPRINT) != 0) {
      byte[] content = new byte[FINGERPRINT_BYTES];
      buffer.get(content);
      fingerprint = Optional.of(new Fingerprint(content));
    }
    Optional<String> owner =
        (flags & HAS_OWNER) == 0 ? Optional.empty() : Optional.of(nextKey(buffer));
    List<String> cancelledBy = new ArrayList<>();
    while (buffer.hasRemaining()) {
      cancelledBy.add(nextKey(buffer));
    }
    return new RequestEntry(fingerprint, seenAt, owner, cancelledBy, (flags & DEAD_LETTERED) != 0);
  }

  private static RequestEntry withoutPublishers(
      ByteBuffer buffer, boolean cancelled, Instant seenAt) {
    byte[] content = new byte[buffer.remaining()];
    buffer.get(content);
    return new RequestEntry(
        content.length == 0 ? Optional.empty() : Optional.of(new Fingerprint(content)),
        seenAt,
        Optional.empty(),
        cancelled ? List.of(ANYBODY) : List.of(),
        false);
  }
}
