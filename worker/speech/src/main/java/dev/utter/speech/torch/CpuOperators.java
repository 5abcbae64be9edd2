package dev.utter.speech.torch;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Map;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Our own operators for the CPU, {@code src/main/cpu}: products with 8-bit matrices, attention of
 * one position, layers made of both. Compiled with the project where there is a C++ compiler,
 * loaded into libtorch where it is 2.7 or later. Without them libtorch's take their place.
 */
public final class CpuOperators {

  private static final Logger LOGGER = LoggerFactory.getLogger(CpuOperators.class);

  private static final String LIBRARY = "/dev/utter/speech/native/libutter-cpu.so";

  private CpuOperators() {}

  private static native boolean announce();

  /**
   * The functions by which programs call them.
   *
   * @param own whether they are there, or else their slow twin in TorchScript
   */
  public static Map<String, String> functions(boolean own) {
    return Map.of("cpu", own ? "cpu-native" : "cpu");
  }

  /** Makes the operators known to libtorch, which runs; whether they are there. */
  static boolean load() {
    try (InputStream in = CpuOperators.class.getResourceAsStream(LIBRARY)) {
      if (in == null) {
        LOGGER.info("Own operators were not compiled with this build");
        return false;
      }
      Path file = Files.createTempFile("libutter-cpu", ".so");
      try {
        Files.copy(in, file, StandardCopyOption.REPLACE_EXISTING);
        System.load(file.toString());
      } finally {
        Files.delete(file);
      }
      if (!announce()) {
        LOGGER.info("Own operators need a processor with AVX2");
        return false;
      }
      return true;
    } catch (IOException | UnsatisfiedLinkError e) {
      LOGGER
          .atWarn()
          .addKeyValue("reason", e.getMessage())
          .log("Own operators cannot be loaded, libtorch's take their place");
      return false;
    }
  }
}
