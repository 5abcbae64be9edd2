package dev.utter.benchmarks.engine;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.OptionalLong;

/**
 * Memory a model took.
 *
 * @param slotBytes caches of one utterance of full length, on the device
 * @param hostPeakBytes most that was held in the host's memory since the model began to load
 * @param deviceBytes what was taken of the device's memory since then; libtorch gives nothing back,
 *     so this is its peak. Nothing on the CPU
 */
record EngineMemoryUse(long slotBytes, OptionalLong hostPeakBytes, OptionalLong deviceBytes) {

  /** The figure to show: that of the device where there is one. */
  OptionalLong peakBytes() {
    return deviceBytes.isPresent() ? deviceBytes : hostPeakBytes;
  }

  void put(ObjectNode line) {
    line.put("slotBytes", slotBytes);
    hostPeakBytes.ifPresent(bytes -> line.put("peakMemoryBytes", bytes));
    deviceBytes.ifPresent(bytes -> line.put("deviceMemoryBytes", bytes));
  }
}
