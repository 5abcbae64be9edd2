package dev.utter.speech.torch;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The script that compiles the CPU operators, with a compiler that only counts its calls. */
class CpuOperatorsBuildTest {

  private static final Path SOURCES =
      Path.of(System.getProperty("utter.home"), "worker/speech/src/main/cpp/cpu");

  @TempDir Path folder;
  private Path sources;
  private Path library;
  private Path calls;
  private Path machine;

  @BeforeEach
  void copySources() throws IOException {
    assumeThat(CpuOperators.fitThisPlatform()).as("the platform of the operators").isTrue();
    sources = Files.createDirectory(folder.resolve("sources"));
    library = folder.resolve("out/libutter-cpu.so");
    calls = folder.resolve("calls");
    try (Stream<Path> files = Files.list(SOURCES)) {
      for (Path file : files.toList()) {
        Files.copy(file, sources.resolve(file.getFileName()));
      }
    }
    executable("build");
    machine = Files.writeString(folder.resolve("machine"), "x86_64-linux-gnu\n");
    compiler("1.0", 0);
  }

  @Test
  void theSameSourcesAreCompiledOnce() throws Exception {
    // Given
    int first = build();

    // When
    int second = build();

    // Then
    assertThat(first).isPositive();
    assertThat(second).isZero();
    assertThat(library).exists();
  }

  @Test
  void aChangedHeaderIsCompiled() throws Exception {
    // Given
    int first = build();
    Files.writeString(
        sources.resolve("rows.h"), Files.readString(sources.resolve("rows.h")) + "// changed\n");

    // When
    int second = build();

    // Then
    assertThat(second).isEqualTo(first);
  }

  @Test
  void anotherCompilerCompilesAgain() throws Exception {
    // Given
    int first = build();
    compiler("2.0", 0);

    // When
    int second = build();

    // Then
    assertThat(second).isEqualTo(first);
  }

  @Test
  void aLibraryThatIsGoneIsCompiledAgain() throws Exception {
    // Given
    build();
    Files.delete(library);

    // When
    build();

    // Then
    assertThat(library).exists();
  }

  @Test
  void sourcesThatDoNotCompileLeaveNoLibrary() throws Exception {
    // Given
    build();
    compiler("2.0", 1);

    // When
    build();

    // Then
    assertThat(library).doesNotExist();
  }

  @Test
  void aCompilerForArmCompilesTheKernelsOfArm() throws Exception {
    // Given
    Files.writeString(machine, "aarch64-linux-gnu\n");

    // When
    build();

    // Then
    assertThat(Files.readString(calls)).contains("kernels_neon.cc").doesNotContain("avx", "amx");
    assertThat(library).exists();
  }

  @Test
  void aCompilerForAnotherProcessorLeavesNoLibrary() throws Exception {
    // Given
    build();
    Files.writeString(machine, "riscv64-linux-gnu\n");

    // When
    int calls = build();

    // Then
    assertThat(calls).isZero();
    assertThat(library).doesNotExist();
  }

  /** Notes each compilation as a line; creates its output unless it fails. */
  private void compiler(String version, int exit) throws IOException {
    Files.writeString(
        sources.resolveSibling("compiler"),
        """
        #!/bin/bash
        [ "$1" != --version ] || { echo %s; exit; }
        [ "$1" != -dumpmachine ] || { cat "%s"; exit; }
        echo "$*" >>"%s"
        [ %d = 0 ] || exit %d
        while [ $# -gt 0 ]; do
          [ "$1" != -o ] || touch "$2"
          shift
        done
        """
            .formatted(version, machine, calls, exit, exit));
    assertThat(sources.resolveSibling("compiler").toFile().setExecutable(true)).isTrue();
  }

  private void executable(String name) {
    assertThat(sources.resolve(name).toFile().setExecutable(true)).isTrue();
  }

  /** Returns how often the compiler was called. */
  private int build() throws Exception {
    Files.deleteIfExists(calls);
    ProcessBuilder builder =
        new ProcessBuilder(
            sources.resolve("build").toString(),
            library.getParent().toString(),
            folder.resolve("work").toString());
    builder.environment().put("CXX", sources.resolveSibling("compiler").toString());
    Process process = builder.redirectErrorStream(true).start();
    String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertThat(process.waitFor()).as(output).isZero();
    return Files.exists(calls) ? Files.readAllLines(calls).size() : 0;
  }
}
