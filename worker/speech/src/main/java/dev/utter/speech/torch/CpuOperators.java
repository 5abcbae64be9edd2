package dev.utter.speech.torch;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The custom CPU operators, {@code src/main/cpp/cpu}: products with 8-bit and 4-bit matrices,
 * decode attention, whole layers; the watermark's gated convolutions. Compiled with the project
 * where there is a C++ compiler, loaded into libtorch 2.7 or later. Without them libtorch's
 * operators are used.
 */
public final class CpuOperators {

  private static final Logger LOGGER = LoggerFactory.getLogger(CpuOperators.class);

  private static final String LIBRARY = "/dev/utter/speech/native/libutter-cpu.so";

  private CpuOperators() {}

  private static native long register(long isa);

  private static native boolean choose(long isa);

  /**
   * Sets the number of threads of the speech engine's operators, the calling one included. They are
   * shared by all models of the process.
   */
  static native void setThreads(int threads);

  /** The same for gated convolutions, which have threads of their own. */
  static native void setPassThreads(int threads);

  /** Sets the number of threads that libtorch uses for operators which this thread calls. */
  static native void setLibtorchThreads(int threads);

  /**
   * Whether gated convolutions can be made in bfloat16, with the instruction set in use. Only where
   * there are CPU operators.
   */
  public static native boolean multiplyBfloat16();

  /**
   * Uses another instruction set. No operator may be running.
   *
   * @return whether this processor has it
   */
  static boolean use(CpuIsa isa) {
    return choose(isa.code());
  }

  /**
   * The file that takes the place of {@code cpu.py}, through which programs call them.
   *
   * @param available whether the operators are available, or else their reference implementation in
   *     TorchScript is used
   */
  public static Map<String, String> replacements(boolean available) {
    return available ? Map.of("cpu", "cpu_native") : Map.of();
  }

  /** Whether this platform can have them: Linux on x86-64 or arm64. */
  public static boolean fitThisPlatform() {
    return System.getProperty("os.name").equals("Linux")
        && Set.of("amd64", "aarch64").contains(System.getProperty("os.arch"));
  }

  /** Whether this build has them. */
  public static boolean areCompiled() {
    return CpuOperators.class.getResource(LIBRARY) != null;
  }

  /**
   * Registers the operators with libtorch, which must have started. Returns the instruction set in
   * use, or empty if the operators are not available.
   *
   * @throws IllegalArgumentException if {@link CpuIsa#VARIABLE} is not a name
   */
  static Optional<CpuIsa> load() {
    String forced = System.getenv(CpuIsa.VARIABLE);
    return load(
        forced == null || forced.isEmpty() ? Optional.empty() : Optional.of(CpuIsa.parse(forced)));
  }

  private static Optional<CpuIsa> load(Optional<CpuIsa> forced) {
    try (InputStream in = CpuOperators.class.getResourceAsStream(LIBRARY)) {
      if (in == null) {
        LOGGER.info("CPU operators were not compiled with this build");
        return Optional.empty();
      }
      Path file = Files.createTempFile("libutter-cpu", ".so");
      try {
        Files.copy(in, file, StandardCopyOption.REPLACE_EXISTING);
        System.load(file.toString());
      } finally {
        Files.delete(file);
      }
      Optional<CpuIsa> isa = CpuIsa.of(register(forced.map(CpuIsa::code).orElse(CpuIsa.ANY)));
      if (isa.isEmpty()) {
        LOGGER
            .atWarn()
            .addKeyValue("instructions", forced.orElse(CpuIsa.least()))
            .log("CPU operators need instructions that this processor lacks, libtorch's are used");
      }
      return isa;
    } catch (IOException | UnsatisfiedLinkError e) {
      LOGGER
          .atWarn()
          .addKeyValue("reason", e.getMessage())
          .log("CPU operators cannot be loaded, libtorch's are used");
      return Optional.empty();
    }
  }
}
