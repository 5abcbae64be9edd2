package dev.utter.worker.admission;

import static java.util.Objects.requireNonNull;

import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.apache.kafka.common.serialization.Serdes;
import org.apache.kafka.streams.KeyValue;
import org.apache.kafka.streams.processor.PunctuationType;
import org.apache.kafka.streams.processor.api.ProcessorContext;
import org.apache.kafka.streams.state.KeyValueIterator;
import org.apache.kafka.streams.state.KeyValueStore;
import org.apache.kafka.streams.state.StoreBuilder;
import org.apache.kafka.streams.state.Stores;

/**
 * The remembered request ids of one task, in a persistent store. Entries past their retention are
 * removed a slice at a time, so that no single step takes long however many there are.
 */
final class RequestEntries {
  static final String STORE = "requests";
  private static final int SLICE = 10_000;

  private final Duration retention;
  private final Duration expiryInterval;
  private final Clock clock;
  private KeyValueStore<String, byte[]> store;
  private String position;

  RequestEntries(Duration retention, Duration expiryInterval, Clock clock) {
    this.retention = requireNonNull(retention, "retention is null");
    this.expiryInterval = requireNonNull(expiryInterval, "expiryInterval is null");
    this.clock = requireNonNull(clock, "clock is null");
  }

  static StoreBuilder<KeyValueStore<String, byte[]>> store() {
    return Stores.keyValueStoreBuilder(
        Stores.persistentKeyValueStore(STORE), Serdes.String(), Serdes.ByteArray());
  }

  /** Fetches the store. */
  void open(ProcessorContext<byte[], byte[]> context) {
    store = context.getStateStore(STORE);
  }

  /** Fetches the store and sees to its expiry; one processor of a task does that. */
  void openAndExpire(ProcessorContext<byte[], byte[]> context) {
    open(context);
    context.schedule(expiryInterval, PunctuationType.WALL_CLOCK_TIME, time -> expireSlice());
  }

  Optional<RequestEntry> get(String id) {
    return Optional.ofNullable(store.get(id)).map(RequestEntry::fromBytes);
  }

  void put(String id, RequestEntry entry) {
    store.put(id, entry.toBytes());
  }

  private void expireSlice() {
    Instant oldest = clock.instant().minus(retention);
    List<String> expired = new ArrayList<>();
    int seen = 0;
    String last = null;
    try (KeyValueIterator<String, byte[]> slice = store.range(position, null)) {
      while (slice.hasNext() && seen < SLICE) {
        KeyValue<String, byte[]> entry = slice.next();
        last = entry.key;
        seen++;
        if (RequestEntry.fromBytes(entry.value).seenAt().isBefore(oldest)) {
          expired.add(entry.key);
        }
      }
    }
    position = seen < SLICE ? null : last;
    expired.forEach(store::delete);
  }
}
