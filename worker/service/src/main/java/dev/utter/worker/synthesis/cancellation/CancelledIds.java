package dev.utter.worker.synthesis.cancellation;

import static java.nio.charset.StandardCharsets.US_ASCII;

import dev.utter.worker.publisher.PublisherKey;
import dev.utter.worker.rules.RequestIds;
import java.time.Instant;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Ids of cancelled requests and who cancelled them, bounded in bytes and in age. Where there are
 * too many the ones that were read first are forgotten: their requests most probably have ended.
 * That is an error, since a request that still waits will be generated; the log and the metrics
 * report it. Thread-safe.
 */
final class CancelledIds {
  private static final Logger LOGGER = LoggerFactory.getLogger(CancelledIds.class);

  /** Longest key that can be an id; ids are ASCII. */
  private static final int MAX_KEY_BYTES = 128;

  /** Map entry, string, its array, and the time: measured on a 64-bit machine. */
  private static final long ENTRY_BYTES = 150;

  /** Forgotten ids between two lines in the log. */
  private static final long LOGGED_EVERY = 1000;

  private final CancellationMemory memory;
  private final CancellationListener metrics;

  /** The key is the id alone if no publisher is named, as for most. */
  private final Map<String, Instant> ids = new LinkedHashMap<>();

  private long bytes;
  private long forgotten;

  CancelledIds(CancellationMemory memory, CancellationListener metrics) {
    this.memory = memory;
    this.metrics = metrics;
  }

  /** The request id that a record's key is; empty if it is none. */
  static Optional<String> id(byte[] key) {
    if (key == null || key.length > MAX_KEY_BYTES) {
      return Optional.empty();
    }
    String id = new String(key, US_ASCII);
    return RequestIds.isValid(id) ? Optional.of(id) : Optional.empty();
  }

  /**
   * Remembers an id that a publisher cancelled at a time.
   *
   * @return false if that is so long ago that it does not matter
   */
  synchronized boolean add(String id, String publisher, Instant at, Instant now) {
    if (isOld(at, now)) {
      return false;
    }
    String key = key(id, publisher);
    // Removed first, so that the order stays that of the last arrival.
    if (ids.remove(key) == null) {
      bytes += size(key);
    }
    ids.put(key, at);
    forget(now);
    metrics.cancellations(ids.size(), bytes);
    return true;
  }

  synchronized boolean contains(String id, String publisher, Instant now) {
    Instant at = ids.get(key(id, publisher));
    return at != null && !isOld(at, now);
  }

  /** No id has a space. */
  private static String key(String id, String publisher) {
    return publisher.equals(PublisherKey.NONE) ? id : id + " " + publisher;
  }

  private void forget(Instant now) {
    Iterator<Map.Entry<String, Instant>> oldest = ids.entrySet().iterator();
    while (oldest.hasNext()) {
      Map.Entry<String, Instant> entry = oldest.next();
      boolean old = isOld(entry.getValue(), now);
      if (!old && bytes <= memory.maxBytes()) {
        return;
      }
      bytes -= size(entry.getKey());
      oldest.remove();
      if (!old) {
        tooMany();
      }
    }
  }

  private void tooMany() {
    metrics.cancellationForgotten();
    if (forgotten++ % LOGGED_EVERY == 0) {
      LOGGER
          .atError()
          .addKeyValue("forgotten", forgotten)
          .addKeyValue("cancellationBytes", memory.maxBytes())
          .log("Cancellation forgotten: there are more than fit; its request will be spoken");
    }
  }

  private boolean isOld(Instant at, Instant now) {
    return at.plus(memory.retention()).isBefore(now);
  }

  private static long size(String key) {
    return ENTRY_BYTES + key.length();
  }
}
