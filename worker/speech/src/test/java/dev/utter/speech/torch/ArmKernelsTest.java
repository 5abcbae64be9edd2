package dev.utter.speech.torch;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
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
    assumeThat(OperatorsProgram.onPath(CROSS_COMPILER))
        .as(CROSS_COMPILER + " on the PATH")
        .isPresent();
    Optional<Path> found = OperatorsProgram.onPath("qemu-aarch64", "qemu-aarch64-static");
    assumeThat(found).as("qemu-aarch64 on the PATH").isPresent();
    emulator = found.orElseThrow();
    String library =
        OperatorsProgram.run(Map.of(), CROSS_COMPILER, "-print-file-name=libc.so.6").get(0);
    systemRoot = Path.of(library).toRealPath().getParent().getParent();

    Path arm = folder.resolve("arm");
    OperatorsProgram.compileOperators(arm, Map.of("CXX", CROSS_COMPILER));
    OperatorsProgram.compile(CROSS_COMPILER, arm);
    Path here = folder.resolve("here");
    OperatorsProgram.copyOperators(here);
    OperatorsProgram.compile("g++", here);
    expected = OperatorsProgram.run(here, CpuIsa.ANY);
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
    return OperatorsProgram.run(
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
}
