package dev.utter.worker.streams;

import static java.util.Objects.requireNonNull;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.BiConsumer;
import java.util.function.Predicate;
import org.apache.kafka.streams.KeyValue;
import org.apache.kafka.streams.state.KeyValueIterator;
import org.apache.kafka.streams.state.KeyValueStore;

/**
 * Removes what has expired from a store, a slice at a time, so that no single step takes long
 * however much there is.
 */
public final class StoreSweep {
  private static final int SLICE = 10_000;

  private final KeyValueStore<String, byte[]> store;
  private final Predicate<byte[]> expired;
  private final BiConsumer<String, byte[]> removed;
  private String position;

  /**
   * A sweep from the store's start.
   *
   * @param expired whether a value is to go
   * @param removed told of each that went
   */
  public StoreSweep(
      KeyValueStore<String, byte[]> store,
      Predicate<byte[]> expired,
      BiConsumer<String, byte[]> removed) {
    this.store = requireNonNull(store, "store is null");
    this.expired = requireNonNull(expired, "expired is null");
    this.removed = requireNonNull(removed, "removed is null");
  }

  /** Looks through the next slice; starts over after the last. */
  public void next() {
    Map<String, byte[]> leaving = new LinkedHashMap<>();
    int seen = 0;
    String last = null;
    try (KeyValueIterator<String, byte[]> slice = store.range(position, null)) {
      while (slice.hasNext() && seen < SLICE) {
        KeyValue<String, byte[]> entry = slice.next();
        last = entry.key;
        seen++;
        if (expired.test(entry.value)) {
          leaving.put(entry.key, entry.value);
        }
      }
    }
    position = seen < SLICE ? null : last;
    leaving.forEach(
        (key, value) -> {
          store.delete(key);
          removed.accept(key, value);
        });
  }
}
