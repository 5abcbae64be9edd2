package dev.utter.benchmarks.engine;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.OptionalLong;

/** Resident memory of this process as Linux counts it; nothing elsewhere. */
final class ProcessMemory {
  private static final Path STATUS = Path.of("/proc/self/status");
  private static final Path CLEAR = Path.of("/proc/self/clear_refs");
  private static final String PEAK = "VmHWM:";
  private static final String CLEAR_PEAK = "5";

  private ProcessMemory() {}

  /** Resets the peak to what is held now. Without effect where that is not possible. */
  static void forgetPeak() {
    try {
      Files.writeString(CLEAR, CLEAR_PEAK);
    } catch (IOException e) {
      // The peak then stays that of the whole process, which only overstates.
      return;
    }
  }

  /** Most bytes held at once since the peak was forgotten. */
  static OptionalLong peakBytes() {
    try {
      return Files.readAllLines(STATUS).stream()
          .filter(line -> line.startsWith(PEAK))
          .mapToLong(line -> Long.parseLong(line.replaceAll("\\D", "")) * 1024)
          .findFirst();
    } catch (IOException e) {
      return OptionalLong.empty();
    }
  }
}
