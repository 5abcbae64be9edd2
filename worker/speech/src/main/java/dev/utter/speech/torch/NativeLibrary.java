package dev.utter.speech.torch;

import ai.djl.engine.Engine;
import ai.djl.engine.EngineException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.function.Supplier;

/**
 * The library of custom operators, {@code src/main/cpp/cuda}: loaded by DJL right after libtorch,
 * for which it has to be built.
 */
final class NativeLibrary {

  /** The system property or environment variable that DJL reads; the environment wins. */
  private static final String HOOK = "PYTORCH_EXTRA_LIBRARY_PATH";

  private static final String REMEDY = "build it for the libtorch in use: src/main/cpp/cuda/build";

  private NativeLibrary() {}

  /**
   * Announces the library that DJL loads at its start.
   *
   * @throws IllegalStateException if there is no such file
   */
  static void announce(Path file) {
    if (!Files.isRegularFile(file)) {
      throw new IllegalStateException("nativeLibrary is " + file + ", but there is no such file");
    }
    TorchEngine.setUnlessSet(HOOK, file.toAbsolutePath().toString());
  }

  /**
   * Starts libtorch and the announced library with it.
   *
   * @throws IllegalStateException if the library cannot be loaded; the message has the loader's
   *     error
   */
  static Engine startLibtorch(Optional<Path> file, Supplier<Engine> start) {
    try {
      return start.get();
    } catch (EngineException e) {
      if (file.isPresent() && e.getCause() instanceof UnsatisfiedLinkError) {
        throw new IllegalStateException(
            "nativeLibrary is %s, but it cannot be loaded (%s); %s"
                .formatted(file.get(), e.getCause().getMessage(), REMEDY),
            e);
      }
      throw e;
    }
  }

  /**
   * The operators, once libtorch runs. The caller closes them.
   *
   * @throws IllegalStateException if they are missing, or built for another libtorch
   */
  static TorchProgram open(TorchEngine engine, Path file) {
    TorchProgram program;
    try {
      program = TorchProgram.load(engine, "native");
    } catch (IllegalStateException e) {
      throw new IllegalStateException(
          "nativeLibrary is %s, but it was not loaded or lacks an operator%s; %s"
              .formatted(
                  file,
                  System.getenv(HOOK) == null ? "" : " (" + HOOK + " is set and counts more)",
                  REMEDY),
          e);
    }
    String built = program.runText("built_for");
    String running = program.runText("running_on");
    if (!built.equals(running)) {
      program.close();
      throw new IllegalStateException(
          "nativeLibrary is %s, which was built for libtorch %s, but %s is loaded; %s"
              .formatted(file, built, running, REMEDY));
    }
    return program;
  }
}
