package dev.utter.scripts;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Packs a test project with a substitute JDK. */
class GpuBundleTest {
  private static final Path SCRIPT = Path.of(System.getProperty("utter.home"), "deploy/gpu/bundle");

  @TempDir Path project;

  @BeforeEach
  void layOutAProject() throws IOException {
    assumeThat(Path.of("/bin/bash")).as("bash").exists();
    assumeThat(System.getProperty("os.name") + "-" + System.getProperty("os.arch"))
        .as("platform of the archive")
        .isEqualTo("Linux-amd64");
    ShellScript.copy(SCRIPT, project.resolve("deploy/gpu/bundle"));
    for (String file :
        List.of(
            "LICENSE",
            "deploy/gpu/run",
            "deploy/gpu/README.md",
            "worker/benchmarks/target/utter-benchmarks-1.jar",
            "worker/speech/src/test/fixtures/csm-tiny/config.json",
            "worker/speech/src/test/fixtures/watermark-dev/hparams.yaml",
            "worker/speech/models/development/config.json",
            "worker/speech/src/main/cpp/cuda/build",
            "djl/LICENSE",
            "djl/NOTICE",
            "djl/engines/pytorch/pytorch-native/src/main/native/system.cc",
            "djl/api/src/main/native/djl/utils.h")) {
      write(file, "");
    }
    write("djl/gradle/libs.versions.toml", "[versions]\ndjl = \"0.35.1\"\n");
    StringBuilder classPath = new StringBuilder();
    for (String jar :
        List.of(
            "ai/djl/pytorch/pytorch-engine/0.35.1/pytorch-engine-0.35.1.jar",
            "ai/djl/huggingface/tokenizers/0.35.1/tokenizers-0.35.1.jar",
            "ai/djl/pytorch/pytorch-native-cpu/2.7.1/pytorch-native-cpu-2.7.1-linux-x86_64.jar",
            "org/rocksdb/rocksdbjni/10.1.3/rocksdbjni-10.1.3.jar")) {
      Path repository = project.resolveSibling(project.getFileName() + "-repository");
      Files.createDirectories(repository.resolve(jar).getParent());
      Files.writeString(repository.resolve(jar), jar);
      classPath.append(classPath.isEmpty() ? "" : ":").append(repository.resolve(jar));
    }
    write("worker/benchmarks/target/classpath", classPath.toString());
    ShellScript.write(project.resolve("jdk/bin/javac"), "");
    ShellScript.write(project.resolve("jdk/bin/jar"), "mkdir -p native/lib/win-x86_64\n");
    ShellScript.write(
        project.resolve("jdk/bin/jlink"),
        """
        while [ "$1" != --output ]; do shift; done
        mkdir -p "$2/bin" "$2/include"
        touch "$2/include/jni.h"
        printf '#!/bin/bash\\nexit ${UTTER_TEST_EXIT:-0}\\n' >"$2/bin/java"
        chmod +x "$2/bin/java"
        """);
  }

  @Test
  void packsTheEnginesLibrariesAndLeavesTheOthers() throws Exception {
    // When
    ShellScript.Run run = bundle(Map.of(), "--djl-sources", "djl", "--out", "packed.tar.gz");

    // Then
    assertThat(run.exitCode()).as(run.err()).isZero();
    assertThat(run.out()).contains("packed.tar.gz: ", " bytes, DJL 0.35.1");
    assertThat(entries("packed.tar.gz"))
        .contains(
            "utter-gpu/run",
            "utter-gpu/lib/utter-benchmarks-1.jar",
            "utter-gpu/lib/pytorch-engine-0.35.1.jar",
            "utter-gpu/djl/system.cc",
            "utter-gpu/djl/include/djl/utils.h",
            "utter-gpu/native/build",
            "utter-gpu/fixtures/csm-tiny/config.json",
            "utter-gpu/runtime/include/jni.h")
        .noneMatch(entry -> entry.contains("rocksdb") || entry.contains("pytorch-native"));
  }

  @Test
  void anArchiveThatIsTooLargeIsRefusedWithTheNumber() throws Exception {
    // When
    ShellScript.Run run =
        bundle(Map.of(), "--djl-sources", "djl", "--out", "packed.tar.gz", "--limit", "0");

    // Then
    assertThat(run.exitCode()).isEqualTo(70);
    assertThat(run.err())
        .containsPattern("the archive has \\d{3,} bytes, must be below 0 \\(0 MiB");
    assertThat(project.resolve("packed.tar.gz")).doesNotExist();
  }

  @Test
  void sourcesOfAnotherVersionAreRefused() throws Exception {
    // Given
    write("djl/gradle/libs.versions.toml", "[versions]\ndjl = \"0.36.0\"\n");

    // When
    ShellScript.Run run = bundle(Map.of(), "--djl-sources", "djl");

    // Then
    assertThat(run.exitCode()).isEqualTo(69);
    assertThat(run.err()).contains("of version 0.36.0, must be 0.35.1");
  }

  @Test
  void whatDoesNotRunIsNotPacked() throws Exception {
    // When
    ShellScript.Run run =
        bundle(Map.of("UTTER_TEST_EXIT", "1"), "--djl-sources", "djl", "--out", "packed.tar.gz");

    // Then
    assertThat(run.exitCode()).isEqualTo(70);
    assertThat(run.err()).contains("what was packed does not run: utter parity");
    assertThat(project.resolve("packed.tar.gz")).doesNotExist();
  }

  @Test
  void aTreeThatIsNotBuiltIsTold() throws Exception {
    // Given
    Files.delete(project.resolve("worker/benchmarks/target/classpath"));

    // When
    ShellScript.Run run = bundle(Map.of());

    // Then
    assertThat(run.exitCode()).isEqualTo(69);
    assertThat(run.err()).contains("run ./utter build first");
  }

  @ParameterizedTest
  @ValueSource(strings = {"--djl-sources", "--limit many", "--fast"})
  void aWrongCommandLineIsAUsageError(String arguments) throws Exception {
    // When
    ShellScript.Run run = bundle(Map.of(), arguments.split(" "));

    // Then
    assertThat(run.exitCode()).isEqualTo(2);
    assertThat(run.err()).contains(arguments.split(" ")[0], "Usage: deploy/gpu/bundle");
  }

  private ShellScript.Run bundle(Map<String, String> environment, String... arguments)
      throws Exception {
    Map<String, String> all = new HashMap<>(environment);
    all.put("JAVA_HOME", project.resolve("jdk").toString());
    return ShellScript.run(project, all, "deploy/gpu/bundle", List.of(arguments));
  }

  private List<String> entries(String archive) throws Exception {
    ShellScript.write(project.resolve("list"), "tar -tzf \"$1\"\n");
    return ShellScript.run(project, Map.of(), "list", List.of(archive)).out().lines().toList();
  }

  private void write(String file, String content) throws IOException {
    Path path = project.resolve(file);
    Files.createDirectories(path.getParent());
    Files.writeString(path, content);
  }
}
