package dev.utter.speech.torch.host;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** What DJL's native library for Linux arm64 needs of the processor. */
public final class ArmProcessor {

  private static final Logger LOGGER = LoggerFactory.getLogger(ArmProcessor.class);
  private static final Path FEATURES = Path.of("/proc/cpuinfo");

  private ArmProcessor() {}

  /**
   * Refuses a processor of Armv8.0. There the process would end with a signal when libtorch starts.
   * Does nothing on other platforms.
   *
   * @throws IllegalStateException if the processor lacks atomic instructions
   */
  public static void check() {
    if (!System.getProperty("os.name").equals("Linux")
        || !System.getProperty("os.arch").equals("aarch64")) {
      return;
    }
    try {
      check(Files.readAllLines(FEATURES));
    } catch (IOException e) {
      LOGGER.atDebug().setCause(e).log("The processor's features cannot be read");
    }
  }

  /**
   * @param cpuInfo lines of {@code /proc/cpuinfo}
   */
  static void check(List<String> cpuInfo) {
    for (String line : cpuInfo) {
      if (line.startsWith("Features") && !List.of(line.split("\\s+")).contains("atomics")) {
        throw new IllegalStateException(
            "the processor lacks the atomic instructions of Armv8.1, which DJL's native library"
                + " needs; use one of Armv8.2 or later");
      }
    }
  }
}
