package dev.utter.worker.streams.store;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.rocksdb.BlockBasedTableConfig;
import org.rocksdb.Options;
import org.rocksdb.RocksDB;
import org.rocksdb.RocksDBException;

class StateMemoryTest {
  private static final int STORES = 16;
  private static final int ROWS = 3000;
  private static final int ROW_BYTES = 2000;

  /** Of blocks and write buffers together: reads under way may pass the bound by a few blocks. */
  private static final long SLACK_BYTES = 4L << 20;

  @TempDir private Path folder;

  @Test
  void manyStoresWithMoreDataThanTheBoundStayWithinIt() throws RocksDBException {
    // Given: 16 stores of 6 MB, 96 MB in all
    List<Options> options = new ArrayList<>();
    List<RocksDB> stores = new ArrayList<>();
    long bound = 16L << 20;
    StateMemory memory = new StateMemory();
    try {
      long most = 0;
      for (int store = 0; store < STORES; store++) {
        Options option = new Options().setCreateIfMissing(true);
        option.setTableFormatConfig(new BlockBasedTableConfig());
        memory.setConfig("store", option, Map.of(StateMemory.BYTES, Long.toString(bound)));
        options.add(option);
        stores.add(RocksDB.open(option, folder.resolve("store-" + store).toString()));
      }

      // When
      for (int row = 0; row < ROWS; row++) {
        for (RocksDB store : stores) {
          store.put(key(row), new byte[ROW_BYTES]);
        }
        most = Math.max(most, StateMemory.usedBytes());
      }
      for (int row = 0; row < ROWS; row++) {
        for (RocksDB store : stores) {
          assertThat(store.get(key(row))).hasSize(ROW_BYTES);
        }
        most = Math.max(most, StateMemory.usedBytes());
      }

      // Then
      assertThat(most).isBetween(1L << 20, StateMemory.limitBytes() + SLACK_BYTES);
    } finally {
      stores.forEach(RocksDB::close);
      options.forEach(Options::close);
    }
  }

  private static byte[] key(int row) {
    return Integer.toString(row).getBytes(StandardCharsets.US_ASCII);
  }
}
