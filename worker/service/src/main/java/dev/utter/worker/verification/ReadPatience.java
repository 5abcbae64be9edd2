package dev.utter.worker.verification;

import static java.util.Objects.requireNonNull;

import dev.utter.worker.storage.ObjectStore;
import dev.utter.worker.storage.failure.StorageUnavailableException;
import dev.utter.worker.storage.object.ObjectLocation;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/**
 * How long the worker waits for an object that the store does not give although it gives others.
 * Time in which the store gives nothing at all does not count, because no object is at fault then.
 *
 * <p>Threading: safe.
 */
final class ReadPatience {
  private final ObjectStore store;
  private final Duration limit;
  private final Clock clock;
  private final Map<ObjectLocation, Instant> since = new ConcurrentHashMap<>();

  ReadPatience(ObjectStore store, Duration limit, Clock clock) {
    this.store = requireNonNull(store, "store is null");
    this.limit = requireNonNull(limit, "limit is null");
    this.clock = requireNonNull(clock, "clock is null");
  }

  /** Whether the worker has waited long enough for an object that was just not given. */
  boolean endsFor(ObjectLocation location) {
    try {
      store.check(location.bucket());
    } catch (StorageUnavailableException e) {
      since.remove(location);
      return false;
    }
    Instant now = clock.instant();
    Instant first = since.computeIfAbsent(location, unknown -> now);
    return !now.isBefore(first.plus(limit));
  }

  /** The object was given, or is given up. */
  void forget(ObjectLocation location) {
    since.remove(location);
  }
}
