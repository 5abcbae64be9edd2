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
 * The custom CPU operators, {@code src/main/cpp/cpu}: products with 8-bit matrices, decode
 * attention, whole layers. Compiled with the project where there is a C++ compiler, loaded into
 * libtorch 2.7 or later. Without them libtorch's operators are used.
 */
public final class CpuOperators {

  private static final Logger LOGGER = LoggerFactory.getLogger(CpuOperators.class);

  private static final String LIBRARY = "/dev/utter/speech/native/libutter-cpu.so";

  private CpuOperators() {}

  private static native boolean register();

  /**
   * The file that takes the place of {@code cpu.py}, through which programs call them.
   *
   * @param available whether the operators are available, or else their reference implementation in
   *     TorchScript is used
   */
  public static Map<String, String> replacements(boolean available) {
    return available ? Map.of("cpu", "cpu_native") : Map.of();
  }

  /** Registers the operators with libtorch, which must have started. Returns whether it worked. */
  static boolean load() {
    try (InputStream in = CpuOperators.class.getResourceAsStream(LIBRARY)) {
      if (in == null) {
        LOGGER.info("CPU operators were not compiled with this build");
        return false;
      }
      Path file = Files.createTempFile("libutter-cpu", ".so");
      try {
        Files.copy(in, file, StandardCopyOption.REPLACE_EXISTING);
        System.load(file.toString());
      } finally {
        Files.delete(file);
      }
      if (!register()) {
        LOGGER.info("CPU operators need a processor with AVX2");
        return false;
      }
      return true;
    } catch (IOException | UnsatisfiedLinkError e) {
      LOGGER
          .atWarn()
          .addKeyValue("reason", e.getMessage())
          .log("CPU operators cannot be loaded, libtorch's are used");
      return false;
    }
  }
}
