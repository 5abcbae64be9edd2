package dev.utter.speech.torch;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

import java.io.File;
import java.io.IOException;
import java.net.URISyntaxException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * The CPU operators for Arm, cross-compiled and run by an emulator, compared with those of this
 * processor. On an Arm machine {@link CpuIsaTest} does that without one.
 */
@Tag("integration")
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class ArmKernelsTest {

  private static final Path SPEECH = Path.of(System.getProperty("utter.home"), "worker/speech/src");
  private static final String CROSS_COMPILER = "aarch64-linux-gnu-g++";

  private Path folder;
  private Path emulator;
  private Path systemRoot;
  private List<String> expected;

  @BeforeAll
  void compile(@TempDir Path temporary) throws Exception {
    folder = temporary;
    assumeThat(System.getProperty("os.name") + "-" + System.getProperty("os.arch"))
        .as("the platform to compare with")
        .isEqualTo("Linux-amd64");
    assumeThat(CpuOperators.areCompiled()).as("a C++ compiler when this was built").isTrue();
    assumeThat(program(CROSS_COMPILER)).as(CROSS_COMPILER + " on the PATH").isPresent();
    Optional<Path> found = program("qemu-aarch64", "qemu-aarch64-static");
    assumeThat(found).as("qemu-aarch64 on the PATH").isPresent();
    emulator = found.orElseThrow();
    String library = run(Map.of(), CROSS_COMPILER, "-print-file-name=libc.so.6").get(0);
    systemRoot = Path.of(library).toRealPath().getParent().getParent();

    Map<String, String> forArm = Map.of("CXX", CROSS_COMPILER);
    String build = SPEECH.resolve("main/cpp/cpu/build").toString();
    run(forArm, build, folder.resolve("arm").toString(), folder.resolve("work").toString());
    compile(CROSS_COMPILER, folder.resolve("arm"));
    Path here = Files.createDirectory(folder.resolve("here"));
    Files.copy(compiledOperators(), here.resolve("libutter-cpu.so"));
    compile("g++", here);
    expected =
        run(
            Map.of("LD_LIBRARY_PATH", here.toString()),
            here.resolve("operators").toString(),
            here.resolve("libutter-cpu.so").toString(),
            String.valueOf(CpuIsa.ANY));
  }

  @ParameterizedTest
  @CsvSource({"cortex-a72, NEON", "neoverse-n1, DOTPROD", "max, I8MM"})
  void theSetWithTheFewestInstructionsIsChosenAndGivesTheBitsOfThisProcessor(
      String processor, CpuIsa isa) throws Exception {
    List<String> results = onArm(processor, CpuIsa.ANY);

    assertThat(results.get(0)).isEqualTo(String.valueOf(isa.code()));
    assertThat(results).hasSizeGreaterThan(50);
    assertThat(results.subList(1, results.size()))
        .containsExactlyElementsOf(expected.subList(1, expected.size()));
  }

  @Test
  void oneThatTheProcessorLacksIsRefused() throws Exception {
    assertThat(onArm("cortex-a72", CpuIsa.DOTPROD.code())).containsExactly("-1");
    assertThat(onArm("neoverse-n1", CpuIsa.I8MM.code())).containsExactly("-1");
    assertThat(onArm("max", CpuIsa.AVX2.code())).containsExactly("-1");
  }

  private List<String> onArm(String processor, long isa) throws Exception {
    Path arm = folder.resolve("arm");
    return run(
        Map.of(),
        emulator.toString(),
        "-cpu",
        processor,
        "-L",
        systemRoot.toString(),
        "-E",
        "LD_LIBRARY_PATH=" + arm,
        arm.resolve("operators").toString(),
        arm.resolve("libutter-cpu.so").toString(),
        String.valueOf(isa));
  }

  /** Compiles the program that runs the operators, and an empty library in place of libtorch. */
  private static void compile(String compiler, Path to) throws Exception {
    run(
        Map.of(),
        compiler,
        "-shared",
        "-x",
        "c++",
        "/dev/null",
        "-o",
        to.resolve("libtorch_cpu.so").toString());
    run(
        Map.of(),
        compiler,
        "-std=c++17",
        "-O1",
        "-Wall",
        "-ffp-contract=off",
        "-rdynamic",
        SPEECH.resolve("test/cpp/operators.cc").toString(),
        "-o",
        to.resolve("operators").toString(),
        "-ldl");
  }

  private static Path compiledOperators() throws URISyntaxException {
    return Path.of(
        requireNonNull(CpuOperators.class.getResource("/dev/utter/speech/native/libutter-cpu.so"))
            .toURI());
  }

  private static Optional<Path> program(String... names) {
    return Stream.of(names)
        .flatMap(
            name ->
                Stream.of(System.getenv("PATH").split(File.pathSeparator))
                    .map(entry -> Path.of(entry, name)))
        .filter(Files::isExecutable)
        .findFirst();
  }

  /** Returns the lines that it writes. */
  private static List<String> run(Map<String, String> environment, String... command)
      throws IOException, InterruptedException {
    ProcessBuilder builder = new ProcessBuilder(command);
    builder.environment().putAll(environment);
    Process process = builder.redirectErrorStream(true).start();
    String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertThat(process.waitFor()).as(output).isZero();
    return output.lines().toList();
  }
}
