package dev.utter.chaos.process;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;

/**
 * What the process of a worker runs.
 *
 * @param home value of {@code utter.home}: the source tree
 * @param classPath its classes and libraries
 */
public record Program(String home, String classPath) {

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
                Stream.of(System.getProperty("java.class.path")))));
  }

  /**
   * The workers of another source tree, in which {@code ./utter build} was run.
   *
   * @throws IOException if it was not
   */
  public static Program of(Path tree) throws IOException {
    Path target = tree.toAbsolutePath().resolve("worker/cli/target");
    return new Program(
        tree.toAbsolutePath().toString(),
        joined(
            Stream.of(
                target.resolve("classes").toString(),
                Files.readString(target.resolve("classpath")).strip())));
  }

  private static String joined(Stream<String> parts) {
    return String.join(System.getProperty("path.separator"), parts.toList());
  }
}
