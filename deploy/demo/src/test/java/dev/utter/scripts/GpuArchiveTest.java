package dev.utter.scripts;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Runs the GPU archive as it was unpacked, on the CPU, with a libtorch that has headers: the native
 * library is built and loaded. {@code ./run} must have built DJL's JNI library there before, where
 * that is not ready.
 */
class GpuArchiveTest {
  private static final String ARCHIVE = System.getenv("UTTER_GPU_ARCHIVE");
  private static final String LIBTORCH = System.getenv("UTTER_LIBTORCH");

  @TempDir Path folder;

  @BeforeEach
  void needsWhatCannotBeMadeHere() {
    assumeThat(ARCHIVE).as("UTTER_GPU_ARCHIVE, an unpacked archive of deploy/gpu").isNotNull();
    assumeThat(LIBTORCH).as("UTTER_LIBTORCH, a libtorch with headers").isNotNull();
  }

  @Test
  void theProfileIsTakenWithTheNativeLibrary() throws Exception {
    // When
    ShellScript.Run run = run("--steps", "profile", "--results", folder.resolve("r").toString());

    // Then
    assertThat(run.exitCode()).as(run.err()).isZero();
    assertThat(run.err()).doesNotContain("going on without the native library");
    JsonNode line = new ObjectMapper().readTree(folder.resolve("r/profile.jsonl").toFile());
    assertThat(line.path("workingOperators").asInt()).isPositive();
    assertThat(Files.readString(folder.resolve("r/run.log"))).contains("--native-library");
  }

  @Test
  void theTraceIsKinetosAndNamesTheProgramsFunctions() throws Exception {
    // Given
    Path trace = folder.resolve("trace.json");
    Path library = built(Path.of(ARCHIVE, "native"));

    // When
    ShellScript.Run run = profile(library, "--trace", trace.toString());

    // Then
    assertThat(run.exitCode()).as(run.err()).isZero();
    JsonNode events = new ObjectMapper().readTree(trace.toFile()).path("traceEvents");
    assertThat(events.findValuesAsText("name"))
        .contains("step", "depth_step", "aten::mm", "utter::stop_trace");
    assertThat(events.findValues("External id")).isNotEmpty();
  }

  @Test
  void onACpuTheEngineWithTheLibraryStepsPlainlyAndSaysWhy() throws Exception {
    // Given
    Path library = built(Path.of(ARCHIVE, "native"));

    // When
    ShellScript.Run run =
        run(
            "bench",
            "engine",
            ARCHIVE + "/fixtures/csm-tiny",
            "--batch=1",
            "--frames=2",
            "--rounds=1",
            "--json",
            "--native-library",
            library.toString());

    // Then
    assertThat(run.exitCode()).as(run.err()).isZero();
    assertThat(new ObjectMapper().readTree(run.out()).path("graphs").asText())
        .isEqualTo("not used: the device is cpu");
  }

  @Test
  void aLibraryForAnotherLibtorchIsRefused() throws Exception {
    // Given
    Path sources = Files.createDirectory(folder.resolve("native"));
    Path build = sources.resolve("build");
    ShellScript.copy(Path.of(ARCHIVE, "native/build"), build);
    String operators = Files.readString(Path.of(ARCHIVE, "native/ops.cc"));
    Files.writeString(
        sources.resolve("ops.cc"), operators.replace("return TORCH_VERSION;", "return \"2.0.9\";"));

    // When
    ShellScript.Run run = profile(built(sources));

    // Then
    assertThat(run.exitCode()).isEqualTo(3);
    assertThat(run.err()).contains("which was built for libtorch 2.0.9, but 2.");
  }

  private Path built(Path sources) throws Exception {
    Path library = folder.resolve("ops.so");
    ShellScript.Run run =
        ShellScript.run(
            folder,
            Map.of(),
            sources.resolve("build").toString(),
            List.of("--libtorch", LIBTORCH, "--out", library.toString()));
    assertThat(run.exitCode()).as(run.err()).isZero();
    return library;
  }

  private ShellScript.Run profile(Path library, String... options) throws Exception {
    List<String> arguments =
        new ArrayList<>(List.of("bench", "profile", ARCHIVE + "/fixtures/csm-tiny", "--steps=1"));
    arguments.addAll(List.of("--native-library", library.toString()));
    arguments.addAll(List.of(options));
    return run(arguments.toArray(String[]::new));
  }

  private ShellScript.Run run(String... arguments) throws Exception {
    List<String> all = new ArrayList<>(List.of("--device", "cpu", "--libtorch", LIBTORCH));
    all.addAll(List.of(arguments));
    return ShellScript.run(folder, Map.of(), ARCHIVE + "/run", all);
  }
}
