package dev.utter.speech.torch;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;

/**
 * Which of DJL's native libraries fits a libtorch that {@code PYTORCH_LIBRARY_PATH} names. DJL
 * would take one for the strings of old compilers, which it does not ship.
 */
final class LibtorchFlavor {
  /** The variables that DJL reads, as system properties too. */
  static final String VARIABLE = "PYTORCH_FLAVOR";

  private static final String FOLDER = "PYTORCH_LIBRARY_PATH";

  static final String CPU = "cpu";

  /** The CUDA version that DJL's library for the GPU is built for. */
  static final String CUDA = "cu128";

  private LibtorchFlavor() {}

  /** The flavor of the libtorch that the variable or property names; empty if it names none. */
  static Optional<String> named() {
    return Optional.ofNullable(System.getenv(FOLDER))
        .or(() -> Optional.ofNullable(System.getProperty(FOLDER)))
        .map(folder -> of(Path.of(folder)));
  }

  static String of(Path folder) {
    return Files.exists(folder.resolve("libtorch_cuda.so")) ? CUDA : CPU;
  }
}
