package dev.utter.speech.torch;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** The layout of the C++ sources. */
class NativeSourceStyleTest {

  private static final Path SOURCES =
      Path.of(System.getProperty("utter.home"), "worker/speech/src/main/cpp");

  /** Versions differ in details; this is the one of Debian 12. */
  private static final String VERSION = "version 14.";

  @Test
  void sourcesHaveTheLayoutOfClangFormat() throws Exception {
    assumeThat(clangFormatVersion()).as("clang-format on the PATH").contains(VERSION);
    List<String> command = new ArrayList<>(List.of("clang-format", "--dry-run", "-Werror"));
    try (Stream<Path> files = Files.walk(SOURCES)) {
      files
          .map(Path::toString)
          .filter(file -> file.endsWith(".h") || file.endsWith(".cc"))
          .sorted()
          .forEach(command::add);
    }
    assertThat(command).hasSizeGreaterThan(10);

    assertThat(run(command)).as("run clang-format -i on these files").isEmpty();
  }

  private static String clangFormatVersion() throws InterruptedException {
    try {
      return run(List.of("clang-format", "--version"));
    } catch (IOException e) {
      return "none: " + e.getMessage();
    }
  }

  private static String run(List<String> command) throws IOException, InterruptedException {
    Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
    String output =
        new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8).strip();
    process.waitFor();
    return output;
  }
}
