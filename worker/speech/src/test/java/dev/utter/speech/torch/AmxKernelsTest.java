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
  private static final String BFLOAT16 = "bfloat16 ";

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
  void convolvesInBfloat16AsAvx512DoesButForRounding() throws Exception {
    List<String> results = OperatorsProgram.run(amx, CpuIsa.AMX.code());

    assumeBfloat16(results);
    assertThatBfloat16IsExpected(results);
  }

  @Test
  void multipliesBfloat16WithTiles() throws Exception {
    List<String> results = OperatorsProgram.run(amx, CpuIsa.AMX.code());
    assumeBfloat16(results);
    List<String> products =
        results.stream().filter(line -> line.startsWith(TILES + BFLOAT16)).toList();
    assumeThat(products)
        .as("tile products that are emulated and counted: a processor without AMX")
        .anyMatch(line -> !line.endsWith(" 0"));

    // With AVX-512, then with AMX. Each 16 outputs, point, 32 inputs and call have four products.
    assertThat(products)
        .containsExactly(
            products(0),
            products(0),
            products(0),
            products(0),
            products(0),
            products(8 * 36 * 3 * 4),
            products(6 * 36 * 2 * 3 * 4),
            products(6 * 36 * 2 * 2 * 4),
            products(8 * 36 * 4 * 3 * 4),
            products(36 * 4 * 3 * 4));
  }

  @Test
  void readsAndWritesNothingButItsOperands() throws Exception {
    String library = OperatorsProgram.run(Map.of(), COMPILER, "-print-file-name=libasan.so").get(0);
    assumeThat(Path.of(library)).as("AddressSanitizer's library of " + COMPILER).isAbsolute();
    Path checked = compileWithEmulator("checked", "-fsanitize=address -O1");

    List<String> results =
        OperatorsProgram.run(checked, CpuIsa.AMX.code(), Map.of("ASAN_OPTIONS", "detect_leaks=0"));

    assertThatBitsAreExpected(results);
    assumeBfloat16(results);
    assertThatBfloat16IsExpected(results);
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
    assertThat(
            results.stream()
                .skip(1)
                .filter(line -> !line.startsWith(TILES) && !line.startsWith(BFLOAT16)))
        .containsExactlyElementsOf(expected.subList(1, expected.size()));
  }

  private static void assumeBfloat16(List<String> results) {
    assumeThat(results)
        .as("results in bfloat16: a processor with AVX512-BF16")
        .anyMatch(line -> line.startsWith(BFLOAT16));
  }

  /** Rounding alone: products of bfloat16 that are left out or confused change far more. */
  private static void assertThatBfloat16IsExpected(List<String> results) {
    assertThat(results.stream().filter(line -> line.startsWith(BFLOAT16)))
        .hasSize(5)
        .allSatisfy(
            line -> {
              String[] differences = line.substring(line.indexOf(':') + 1).split(", sums");
              assertThat(Double.parseDouble(differences[0])).isLessThan(1e-5);
              assertThat(Double.parseDouble(differences[1])).isLessThan(1e-5);
            });
  }

  private static String products(int count) {
    return TILES + BFLOAT16 + count;
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
              -Wl,--wrap=_ZN5utter11request_amxEv \\
              -Wl,--wrap=_ZN5utter16has_amx_bfloat16Ev
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
