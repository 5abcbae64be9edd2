package dev.utter.worker.admission;

import static java.util.Objects.requireNonNull;

import dev.utter.worker.streams.store.StoreSweep;
import java.time.Clock;
import java.time.Duration;
import org.apache.kafka.common.serialization.Serdes;
import org.apache.kafka.streams.processor.PunctuationType;
import org.apache.kafka.streams.processor.api.ProcessorContext;
import org.apache.kafka.streams.state.KeyValueStore;
import org.apache.kafka.streams.state.StoreBuilder;
import org.apache.kafka.streams.state.Stores;

/**
 * Usage of the publishers of one task, in a persistent store. An entry is removed after an hour
 * without requests.
 */
final class PublisherUsages {
  static final String STORE = "publishers";
  private static final Duration RETENTION = Duration.ofHours(1);

  private final Clock clock;

  @SuppressWarnings("NullAway.Init") // open() sets it.
  private KeyValueStore<String, byte[]> store;

  PublisherUsages(Clock clock) {
    this.clock = requireNonNull(clock, "clock is null");
  }

  static StoreBuilder<KeyValueStore<String, byte[]>> store() {
    return Stores.keyValueStoreBuilder(
        Stores.persistentKeyValueStore(STORE), Serdes.String(), Serdes.ByteArray());
  }

  void open(ProcessorContext<byte[], byte[]> context) {
    store = context.getStateStore(STORE);
    StoreSweep sweep = new StoreSweep(store, this::isExpired, (publisher, usage) -> {});
    context.schedule(StoreSweep.INTERVAL, PunctuationType.WALL_CLOCK_TIME, time -> sweep.next());
  }

  PublisherUsage get(String publisher) {
    byte[] usage = store.get(publisher);
    return usage == null ? PublisherUsage.NONE : PublisherUsage.fromBytes(usage);
  }

  void put(String publisher, PublisherUsage usage) {
    store.put(publisher, usage.toBytes());
  }

  private boolean isExpired(byte[] usage) {
    return PublisherUsage.fromBytes(usage).touchedAt().isBefore(clock.instant().minus(RETENTION));
  }
}
