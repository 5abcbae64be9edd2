package dev.utter.speech.torch;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.File;
import java.io.IOException;
import java.net.URISyntaxException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * {@code src/test/cpp/operators.cc}, which runs the CPU operators without libtorch and prints a
 * digest of what each computes.
 */
final class OperatorsProgram {

  private static final Path SPEECH = Path.of(System.getProperty("utter.home"), "worker/speech/src");
  private static final String LIBRARY = "libutter-cpu.so";

  private OperatorsProgram() {}

  /** A source file of the tests. */
  static Path source(String name) {
    return SPEECH.resolve("test/cpp").resolve(name);
  }

  /** Compiles the operators into a folder, with this environment of the build script. */
  static void compileOperators(Path folder, Map<String, String> environment) throws Exception {
    run(
        environment,
        SPEECH.resolve("main/cpp/cpu/build").toString(),
        folder.toString(),
        Files.createTempDirectory(folder.getParent(), "work").toString());
  }

  /** Copies the operators of this build into a folder. */
  static void copyOperators(Path folder) throws IOException, URISyntaxException {
    Files.createDirectory(folder);
    Files.copy(
        Path.of(
            requireNonNull(
                    CpuOperators.class.getResource("/dev/utter/speech/native/libutter-cpu.so"))
                .toURI()),
        folder.resolve(LIBRARY));
  }

  /** Compiles the program, and an empty library in place of libtorch, into the same folder. */
  static void compile(String compiler, Path folder) throws Exception {
    run(
        Map.of(),
        compiler,
        "-shared",
        "-x",
        "c++",
        "/dev/null",
        "-o",
        folder.resolve("libtorch_cpu.so").toString());
    run(
        Map.of(),
        compiler,
        "-std=c++17",
        "-O1",
        "-Wall",
        "-ffp-contract=off",
        "-rdynamic",
        source("operators.cc").toString(),
        "-o",
        folder.resolve("operators").toString(),
        "-ldl");
  }

  /** Runs it on this processor. Returns the lines that it writes. */
  static List<String> run(Path folder, long isa) throws IOException, InterruptedException {
    return run(folder, isa, Map.of());
  }

  static List<String> run(Path folder, long isa, Map<String, String> environment)
      throws IOException, InterruptedException {
    Map<String, String> variables = new HashMap<>(environment);
    variables.put("LD_LIBRARY_PATH", folder.toString());
    return run(
        variables,
        folder.resolve("operators").toString(),
        folder.resolve(LIBRARY).toString(),
        String.valueOf(isa));
  }

  /** The first of these programs that is on the PATH. */
  static Optional<Path> onPath(String... names) {
    return Stream.of(names)
        .flatMap(
            name ->
                Stream.of(System.getenv("PATH").split(File.pathSeparator))
                    .map(entry -> Path.of(entry, name)))
        .filter(Files::isExecutable)
        .findFirst();
  }

  /** Runs a command, which must succeed. Returns the lines that it writes. */
  static List<String> run(Map<String, String> environment, String... command)
      throws IOException, InterruptedException {
    ProcessBuilder builder = new ProcessBuilder(command);
    builder.environment().putAll(environment);
    Process process = builder.redirectErrorStream(true).start();
    String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertThat(process.waitFor()).as(output).isZero();
    return output.lines().toList();
  }
}
