package dev.utter.cli.command;

import java.nio.file.Path;
import java.util.Optional;
import picocli.CommandLine.Option;

/** The options of the library of custom operators. */
public final class NativeOptions {
  @Option(
      names = "--native-library",
      paramLabel = "FILE",
      description =
          "Library of operators, built for the libtorch in use by"
              + " worker/speech/src/main/cpp/cuda/build (default: none, everything works without).")
  private Path file;

  @Option(
      names = "--no-graphs",
      description =
          "Do not replay steps from CUDA graphs, as is done on a GPU with the native library.")
  private boolean noGraphs;

  /** The library. */
  public Optional<Path> file() {
    return Optional.ofNullable(file);
  }

  /** Whether steps may be replayed from CUDA graphs. */
  public boolean graphs() {
    return !noGraphs;
  }
}
