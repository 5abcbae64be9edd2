package dev.utter.speech.torch;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;

/**
 * The CPU operators with AMX, compared with those of AVX2. A processor that lacks AMX has its
 * instructions emulated, one by one ({@code src/test/cpp/amx.cc}).
 */
@Tag("integration")
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class AmxKernelsTest {

  private static final String COMPILER = "g++";
  private static final String TILES = "tiles ";

  private Path folder;
  private List<String> expected;
  private Path amx;

  @BeforeAll
  void compile(@TempDir Path temporary) throws Exception {
    folder = temporary;
    assumeThat(System.getProperty("os.name") + "-" + System.getProperty("os.arch"))
        .as("the platform of AMX")
        .isEqualTo("Linux-amd64");
    assumeThat(CpuOperators.areCompiled()).as("a C++ compiler when this was built").isTrue();
    assumeThat(OperatorsProgram.onPath(COMPILER)).as(COMPILER + " on the PATH").isPresent();
    Path here = folder.resolve("here");
    OperatorsProgram.copyOperators(here);
    OperatorsProgram.compile(COMPILER, here);
    assumeThat(OperatorsProgram.run(here, CpuIsa.AVX512VNNI.code()))
        .as("results with AVX-512 VNNI, which AMX does not come without")
        .hasSizeGreaterThan(1);
    expected = OperatorsProgram.run(here, CpuIsa.AVX2.code());
    amx = compileWithEmulator("amx", "");
  }

  @Test
  void isChosenAndGivesTheBitsOfAvx2() throws Exception {
    assertThatBitsAreExpected(OperatorsProgram.run(amx, CpuIsa.ANY));
    assertThatBitsAreExpected(OperatorsProgram.run(amx, CpuIsa.AMX.code()));
  }

  @Test
  void multipliesFourRowsAndMoreWithTiles() throws Exception {
    List<String> results = OperatorsProgram.run(amx, CpuIsa.ANY);
    assumeThat(results.stream().filter(line -> line.startsWith(TILES)))
        .as("tile products that are emulated and counted: a processor without AMX")
        .anyMatch(line -> !line.endsWith(" 0"));

    // Two products, of low and of high bytes, for each of 6 panels and each 64 inputs.
    assertThat(results)
        .contains(TILES + "1 x 1024: 0", TILES + "3 x 1024: 0", TILES + "4 x 5: 12")
        .contains(TILES + "4 x 1024: 192", TILES + "16 x 1024: 192", TILES + "21 x 1024: 384")
        .as("two rows behind sixteen")
        .contains(TILES + "18 x 1024: 192");
  }

  @Test
  void readsAndWritesNothingButItsOperands() throws Exception {
    String library = OperatorsProgram.run(Map.of(), COMPILER, "-print-file-name=libasan.so").get(0);
    assumeThat(Path.of(library)).as("AddressSanitizer's library of " + COMPILER).isAbsolute();
    Path checked = compileWithEmulator("checked", "-fsanitize=address -O1");

    assertThatBitsAreExpected(
        OperatorsProgram.run(checked, CpuIsa.AMX.code(), Map.of("ASAN_OPTIONS", "detect_leaks=0")));
  }

  @Test
  void isLeftOutWhereAvx512VnniIsForced() throws Exception {
    List<String> results = OperatorsProgram.run(amx, CpuIsa.AVX512VNNI.code());

    assertThat(results.get(0)).isEqualTo(String.valueOf(CpuIsa.AVX512VNNI.code()));
    assertThat(results.stream().filter(line -> line.startsWith(TILES)))
        .isNotEmpty()
        .allMatch(line -> line.endsWith(": 0"));
  }

  private void assertThatBitsAreExpected(List<String> results) {
    assertThat(results.get(0)).isEqualTo(String.valueOf(CpuIsa.AMX.code()));
    assertThat(results).hasSizeGreaterThan(50);
    assertThat(results.stream().skip(1).filter(line -> !line.startsWith(TILES)))
        .containsExactlyElementsOf(expected.subList(1, expected.size()));
  }

  /** Compiles operators that have the emulator in place of the check for AMX, and the program. */
  private Path compileWithEmulator(String name, String flags) throws Exception {
    Path compiler = folder.resolve(name + "-compiler");
    Files.writeString(
        compiler,
        """
        #!/bin/sh
        case "$*" in
          *libutter-cpu.so*)
            exec %1$s "$@" -std=c++17 -O2 -Wall -fPIC %2$s '%3$s' \\
              -Wl,--wrap=_ZN5utter11request_amxEv
            ;;
        esac
        exec %1$s "$@" %2$s
        """
            .formatted(COMPILER, flags, OperatorsProgram.source("amx.cc")));
    Files.setPosixFilePermissions(compiler, PosixFilePermissions.fromString("rwxr-xr-x"));
    Path compiled = folder.resolve(name);
    OperatorsProgram.compileOperators(compiled, Map.of("CXX", compiler.toString()));
    OperatorsProgram.compile(compiler.toString(), compiled);
    return compiled;
  }
}
