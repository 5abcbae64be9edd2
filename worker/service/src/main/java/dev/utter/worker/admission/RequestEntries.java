package dev.utter.worker.admission;

import static java.util.Objects.requireNonNull;

import dev.utter.worker.streams.store.StoreSweep;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import org.apache.kafka.common.serialization.Serdes;
import org.apache.kafka.streams.processor.PunctuationType;
import org.apache.kafka.streams.processor.api.ProcessorContext;
import org.apache.kafka.streams.state.KeyValueStore;
import org.apache.kafka.streams.state.StoreBuilder;
import org.apache.kafka.streams.state.Stores;

/**
 * The remembered request ids of one task, in a persistent store; forgotten after their retention.
 */
final class RequestEntries {
  static final String STORE = "requests";

  private final Duration retention;
  private final Clock clock;

  @SuppressWarnings("NullAway.Init") // open() sets it.
  private KeyValueStore<String, byte[]> store;

  RequestEntries(Duration retention, Clock clock) {
    this.retention = requireNonNull(retention, "retention is null");
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

  /** Fetches the store and schedules its expiry; only one processor of a task does this. */
  void openAndExpire(ProcessorContext<byte[], byte[]> context) {
    open(context);
    StoreSweep sweep = new StoreSweep(store, this::isExpired, (id, entry) -> {});
    context.schedule(StoreSweep.INTERVAL, PunctuationType.WALL_CLOCK_TIME, time -> sweep.next());
  }

  Optional<RequestEntry> get(String id) {
    return Optional.ofNullable(store.get(id)).map(RequestEntry::fromBytes);
  }

  void put(String id, RequestEntry entry) {
    store.put(id, entry.toBytes());
  }

  private boolean isExpired(byte[] entry) {
    Instant oldest = clock.instant().minus(retention);
    return RequestEntry.fromBytes(entry).seenAt().isBefore(oldest);
  }
}
