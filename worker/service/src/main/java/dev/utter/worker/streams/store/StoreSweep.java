package dev.utter.worker.streams.store;

import static java.util.Objects.requireNonNull;

import dev.utter.worker.failure.RetryLaterException;
import dev.utter.worker.failure.WorkerBrokenException;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.BiConsumer;
import java.util.function.Predicate;
import org.apache.kafka.streams.KeyValue;
import org.apache.kafka.streams.state.KeyValueIterator;
import org.apache.kafka.streams.state.KeyValueStore;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Removes expired entries from a store, a slice at a time, so that no step takes long. */
public final class StoreSweep {
  /** How often a store should be looked through, a part of it each time. */
  public static final Duration INTERVAL = Duration.ofMinutes(1);

  private static final Logger LOGGER = LoggerFactory.getLogger(StoreSweep.class);
  private static final int SLICE = 10_000;

  private final KeyValueStore<String, byte[]> store;
  private final Predicate<byte[]> expired;
  private final BiConsumer<String, byte[]> removed;
  private @Nullable String position;

  /**
   * A sweep from the store's start.
   *
   * @param expired whether a value has expired
   * @param removed called for each removed entry
   */
  public StoreSweep(
      KeyValueStore<String, byte[]> store,
      Predicate<byte[]> expired,
      BiConsumer<String, byte[]> removed) {
    this.store = requireNonNull(store, "store is null");
    this.expired = requireNonNull(expired, "expired is null");
    this.removed = requireNonNull(removed, "removed is null");
  }

  /**
   * Looks through the next slice; starts over after the last. A value that cannot be read stays
   * where it is. While something that is needed to read values is down, the slice is left for the
   * next time.
   */
  public void next() {
    Map<String, byte[]> leaving = new LinkedHashMap<>();
    String last = null;
    int seen = 0;
    int unreadable = 0;
    try (KeyValueIterator<String, byte[]> slice = store.range(position, null)) {
      while (slice.hasNext() && seen < SLICE) {
        KeyValue<String, byte[]> entry = slice.next();
        try {
          if (expired.test(entry.value)) {
            leaving.put(entry.key, entry.value);
          }
        } catch (RetryLaterException e) {
          LOGGER.atWarn().addKeyValue("error", e.getMessage()).log("Expiry of a store postponed");
          return;
        } catch (WorkerBrokenException e) {
          throw e;
        } catch (RuntimeException e) {
          unreadable++;
          if (unreadable == 1) {
            LOGGER
                .atWarn()
                .addKeyValue("key", entry.key)
                .setCause(e)
                .log("A stored value cannot be read and is kept");
          }
        }
        last = entry.key;
        seen++;
      }
    }
    if (unreadable > 1) {
      LOGGER.atWarn().addKeyValue("count", unreadable).log("Stored values cannot be read");
    }
    position = seen < SLICE ? null : last;
    leaving.forEach(
        (key, value) -> {
          store.delete(key);
          removed.accept(key, value);
        });
  }
}
