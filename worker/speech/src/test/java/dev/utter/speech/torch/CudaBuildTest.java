package dev.utter.speech.torch;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Which CUDA headers the build of the library for GPUs takes, without a GPU and without CUDA. The
 * libtorch here is one by its files' names only, so nothing compiles in the end.
 */
class CudaBuildTest {

  private static final Path BUILD = Path.of("src/main/cpp/cuda/build").toAbsolutePath();
  private static final String LEFT_OUT =
      "no headers of CUDA 12 found (cuda_runtime_api.h), graphs are left out";

  @TempDir Path folder;

  private Path libtorch;

  @BeforeEach
  void aLibtorchForCuda12() throws Exception {
    assumeThat(runs("g++", "--version") && runs("readelf", "--version"))
        .as("g++ and readelf are installed")
        .isTrue();
    libtorch = folder.resolve("libtorch");
    Files.createDirectories(libtorch.resolve("lib"));
    Files.createDirectories(libtorch.resolve("include/torch"));
    Files.writeString(libtorch.resolve("include/torch/library.h"), "#error not a libtorch\n");
    Files.createFile(libtorch.resolve("lib/libtorch.so"));
    Files.createFile(libtorch.resolve("lib/libc10.so"));
    Files.createFile(libtorch.resolve("lib/libtorch_cuda.so"));
    Path runtime = folder.resolve("libcudart.so");
    library(runtime, "-Wl,-soname,libcudart.so.12");
    library(libtorch.resolve("lib/libc10_cuda.so"), "-Wl,--no-as-needed", runtime.toString());
  }

  @Test
  void headersOfAnotherMajorVersionAreRefused() throws Exception {
    // When
    String output = build(headers("cuda-11", 11_080));

    // Then
    assertThat(output)
        .contains(
            "the CUDA headers in "
                + folder.resolve("cuda-11/include")
                + " are of CUDA 11, libtorch was built with CUDA 12")
        .contains(LEFT_OUT);
  }

  @Test
  void headersOfTheSameMajorVersionAreTaken() throws Exception {
    // When
    String output = build(headers("cuda-12", 12_080));

    // Then
    assertThat(output).doesNotContain("CUDA 11").doesNotContain(LEFT_OUT);
    assertThat(output).contains("graphs do not compile for the libtorch at " + libtorch);
  }

  @Test
  void aLibtorchWhoseCudaIsNotKnownGetsNoGraphs() throws Exception {
    // Given
    Files.delete(libtorch.resolve("lib/libc10_cuda.so"));

    // When
    String output = build(headers("cuda-12", 12_080));

    // Then
    assertThat(output)
        .contains("cannot find out which CUDA the libtorch at " + libtorch + " was built with");
  }

  private Path headers(String name, int version) throws IOException {
    Path include = Files.createDirectories(folder.resolve(name).resolve("include"));
    Files.writeString(
        include.resolve("cuda_runtime_api.h"), "#define CUDART_VERSION " + version + "\n");
    return include.getParent();
  }

  private void library(Path file, String... options) throws Exception {
    Path source = Files.writeString(folder.resolve("empty.cc"), "void nothing() {}\n");
    List<String> command = new ArrayList<>(List.of("g++", "-shared", "-fPIC"));
    command.addAll(List.of("-o", file.toString(), source.toString()));
    command.addAll(List.of(options));
    assertThat(new ProcessBuilder(command).inheritIO().start().waitFor()).isZero();
  }

  private String build(Path cuda) throws Exception {
    Process process =
        new ProcessBuilder(
                BUILD.toString(),
                "--libtorch",
                libtorch.toString(),
                "--cuda",
                cuda.toString(),
                "--out",
                folder.resolve("out.so").toString())
            .redirectErrorStream(true)
            .start();
    String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertThat(process.waitFor()).describedAs("%s", output).isEqualTo(70);
    return output;
  }

  private static boolean runs(String... command) throws InterruptedException {
    try {
      return new ProcessBuilder(command).redirectErrorStream(true).start().waitFor() == 0;
    } catch (IOException e) {
      return false;
    }
  }
}
