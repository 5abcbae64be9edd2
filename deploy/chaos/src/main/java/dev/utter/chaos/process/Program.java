package dev.utter.chaos.process;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * What the process of a worker runs.
 *
 * @param home value of {@code utter.home}: the source tree
 * @param classPath its classes and libraries
 * @param settings its settings file, with names for what differs between workers
 */
public record Program(String home, String classPath, String settings) {

  /**
   * The workers of this source tree.
   *
   * @param front classes in front of the others
   */
  public static Program own(List<Path> front) {
    return new Program(
        System.getProperty("utter.home", ""),
        joined(
            Stream.concat(
                front.stream().map(Path::toString),
                Stream.of(System.getProperty("java.class.path")))),
        WorkerSettingsFile.TEMPLATE);
  }

  /**
   * The workers of another source tree, in which {@code ./utter build} was run.
   *
   * @param settings its settings file; empty for that of this version
   * @throws IOException if it was not, or the file cannot be read
   */
  public static Program of(Path tree, Optional<Path> settings) throws IOException {
    Path target = tree.toAbsolutePath().resolve("worker/cli/target");
    return new Program(
        tree.toAbsolutePath().toString(),
        joined(
            Stream.of(
                target.resolve("classes").toString(),
                Files.readString(target.resolve("classpath")).strip())),
        settings.isPresent() ? Files.readString(settings.get()) : WorkerSettingsFile.TEMPLATE);
  }

  private static String joined(Stream<String> parts) {
    return String.join(System.getProperty("path.separator"), parts.toList());
  }
}
