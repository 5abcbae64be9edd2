package dev.utter.worker.streams.store;

import static java.util.Objects.requireNonNull;

import java.util.Map;
import org.apache.kafka.streams.state.RocksDBConfigSetter;
import org.jspecify.annotations.Nullable;
import org.rocksdb.BlockBasedTableConfig;
import org.rocksdb.Cache;
import org.rocksdb.LRUCache;
import org.rocksdb.Options;
import org.rocksdb.WriteBufferManager;

/**
 * Bounds the native memory of all state stores of the process: they share one block cache, index
 * and filter blocks are in it, and write buffers are charged to it, so that blocks make room for
 * them. Kafka Streams makes an instance for each store.
 *
 * <p>Each store has two small write buffers: 128 stores, of two stages with 64 partitions each,
 * have 32 MiB of them. A limit over all of them would be cheaper to state, but RocksDB keeps it by
 * flushing the store that is written to, however little it holds, while idle ones keep theirs.
 *
 * <p>The few blocks of running reads may exceed the bound for a moment. The cache could refuse
 * these instead; then a read would fail, and with it a thread of the stage.
 *
 * <p>Threading: safe.
 */
public final class StateMemory implements RocksDBConfigSetter {
  /** Property of Kafka Streams that carries the bound, in bytes. The first store's counts. */
  public static final String BYTES = "utter.state.cache.bytes";

  private static final int WRITE_BUFFER_BYTES = 128 << 10;
  private static final int WRITE_BUFFERS = 2;
  private static final int ARENA_BLOCK_BYTES = 16 << 10;

  /** The cache is divided into 2 to this power parts, each with its least recently used order. */
  private static final int SHARD_BITS = 2;

  /** Share of the cache that index and filter blocks can fill before others push them out. */
  private static final double HIGH_PRIORITY = 0.3;

  /** For as long as the process lives: RocksDB needs both until the last store is closed. */
  private static @Nullable Shared shared;

  private record Shared(long bytes, Cache cache, WriteBufferManager writeBuffers) {}

  /** Called by Kafka Streams. */
  public StateMemory() {}

  @Override
  public void setConfig(String storeName, Options options, Map<String, Object> configs) {
    Shared memory = shared(Long.parseLong(requireNonNull(configs.get(BYTES)).toString()));
    BlockBasedTableConfig table = (BlockBasedTableConfig) options.tableFormatConfig();
    table.setBlockCache(memory.cache());
    table.setCacheIndexAndFilterBlocks(true);
    table.setCacheIndexAndFilterBlocksWithHighPriority(true);
    table.setPinTopLevelIndexAndFilter(true);
    options.setTableFormatConfig(table);
    options.setWriteBufferManager(memory.writeBuffers());
    options.setWriteBufferSize(WRITE_BUFFER_BYTES);
    options.setMaxWriteBufferNumber(WRITE_BUFFERS);
    options.setArenaBlockSize(ARENA_BLOCK_BYTES);
  }

  @Override
  public void close(String storeName, Options options) {
    // Cache and write buffers are shared.
  }

  /** Bytes of blocks and write buffers in memory now; 0 before the first store is open. */
  static synchronized long usedBytes() {
    return shared == null ? 0 : shared.cache().getUsage();
  }

  /** The bound of the process, in bytes; 0 before the first store is open. */
  static synchronized long limitBytes() {
    return shared == null ? 0 : shared.bytes();
  }

  private static synchronized Shared shared(long bytes) {
    if (shared == null) {
      Cache cache = new LRUCache(bytes, SHARD_BITS, false, HIGH_PRIORITY);
      // No limit of its own: it charges the write buffers to the cache.
      shared = new Shared(bytes, cache, new WriteBufferManager(0, cache));
    }
    return shared;
  }
}
