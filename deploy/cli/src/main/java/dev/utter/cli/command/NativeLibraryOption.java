package dev.utter.cli.command;

import dev.utter.speech.torch.EngineSettings;
import java.nio.file.Path;
import java.util.Optional;
import picocli.CommandLine.Option;

/** The option that names the library of operators of our own. */
public final class NativeLibraryOption {
  @Option(
      names = "--native-library",
      paramLabel = "FILE",
      description =
          "Library of operators, built for the libtorch in use by"
              + " worker/speech/src/main/native/build (default: none, everything works without).")
  private Path file;

  /**
   * The settings with this library.
   *
   * @throws IllegalArgumentException if it cannot be one
   */
  public EngineSettings in(EngineSettings engine) {
    return engine.withNativeLibrary(Optional.ofNullable(file));
  }
}
