package dev.utter.scripts;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Runs the GPU archive's script with a substitute libtorch, driver, compiler and Java. */
class GpuRunTest {
  private static final Path SCRIPT = Path.of(System.getProperty("utter.home"), "deploy/gpu/run");

  /** A symbol of libc10.so whose name holds the new std::string. */
  private static final String NEW_STRINGS =
      "_ZN3c105ErrorC1ENS_14SourceLocationENSt7__cxx1112basic_stringIcSt11char_traitsIcESaIcEEE";

  private static final ObjectMapper JSON = new ObjectMapper();

  @TempDir Path bundle;

  private Path libtorch;

  @BeforeEach
  void unpack() throws IOException {
    assumeThat(Path.of("/bin/bash")).as("bash").exists();
    ShellScript.copy(SCRIPT, bundle.resolve("run"));
    write("djl/version", "0.35.1\n");
    write("djl/system.cc", "");
    write("fixtures/csm-tiny/config.json", "{}");
    ShellScript.write(
        bundle.resolve("runtime/bin/java"),
        """
        [ "$1" != -version ] || exit 0
        case "$*" in
          *'dev.utter.cli.Main bench '* | *'dev.utter.benchmarks.Main '[!b]*) exit 9 ;;
        esac
        while [[ $1 != dev.utter.*.Main ]]; do shift; done; shift
        calls=%s
        echo "$* in $PYTORCH_LIBRARY_PATH of $PYTORCH_VERSION $PYTORCH_FLAVOR tf32 $NVIDIA_TF32_OVERRIDE" >>"$calls"
        case "$*" in
          *"--steps 1 "*) [ -z "${UTTER_TEST_NATIVE:-}" ] || { echo "$UTTER_TEST_NATIVE" >&2; exit 3; }; echo '{}' ;;
          parity*) echo '{ "quantity" : "codes", "passed" : false, }'; exit "${UTTER_TEST_PARITY:-0}" ;;
          bench*) echo '{"graphs":"used"}' ;;
        esac
        """
            .formatted(bundle.resolve("calls")));
    ShellScript.write(
        bundle.resolve("bin/nvidia-smi"), "echo 'NVIDIA H100, 570.1.2, 81559 MiB, 1 MiB'\n");
    // The compiler's last word after -o is the file to write.
    ShellScript.write(
        bundle.resolve("bin/g++"),
        "while [ \"$1\" != -o ]; do shift; done; echo compiled >\"$2\"\n");
    ShellScript.write(
        bundle.resolve("native/build"),
        "echo 'ops.cc:1: error: no headers' >&2; exit ${UTTER_TEST_NO_HEADERS:+70}\n");
    libtorch = bundle.resolve("opt/torch");
    write("opt/torch/lib/libtorch.so", "");
    write("opt/torch/lib/libc10.so", "\0" + NEW_STRINGS + "\0");
    write("opt/torch/lib/libcudart-d0da41ae.so.12", "");
    write("opt/torch/include/torch/script.h", "");
  }

  @ParameterizedTest
  @CsvSource({
    "2.7.1+cu128, 2.7.1, cu128, DJL's ready one",
    "2.11.0+cu130, 2.11.0, cu130, built here from DJL's sources",
    "2.7.1+cu126, 2.7.1, cu126, built here from DJL's sources",
    "2.6.0a0+cu124, 2.6.0, cu124, built here from DJL's sources",
  })
  void theArchiveOfLibtorchTellsVersionAndFlavor(
      String written, String version, String flavor, String jni) throws Exception {
    // Given
    write("opt/torch/build-version", written + "\n");

    // When
    JsonNode found = check();

    // Then
    assertThat(found.path("libtorch").asText()).isEqualTo(version);
    assertThat(found.path("flavor").asText()).isEqualTo(flavor);
    assertThat(found.path("jni").asText()).isEqualTo(jni);
    assertThat(found.path("gpu").asText()).startsWith("NVIDIA H100");
  }

  @Test
  void aPackageWhoseVersionHasNoFlavorTellsItsCuda() throws Exception {
    // Given
    write("opt/torch/lib/libtorch_cuda.so", "");
    write(
        "opt/torch/version.py",
        "__version__ = '2.5.1'\ndebug = False\ncuda: Optional[str] = '12.4'\nhip = None\n");

    // When
    JsonNode found = check();

    // Then
    assertThat(found.path("libtorch").asText()).isEqualTo("2.5.1");
    assertThat(found.path("flavor").asText()).isEqualTo("cu124");
  }

  @Test
  void aLibtorchWithTheOldStringsDoesNotGetTheReadyLibrary() throws Exception {
    // Given
    write("opt/torch/build-version", "2.7.1+cu128");
    write("opt/torch/lib/libc10.so", "_ZN3c105ErrorC1ENS_14SourceLocationESs");

    // When
    JsonNode found = check();

    // Then
    assertThat(found.path("cxx11Strings").asInt()).isZero();
    assertThat(found.path("jni").asText()).isEqualTo("built here from DJL's sources");
  }

  @ParameterizedTest
  @CsvSource({
    "2.7.1+cpu, is 2.7.1 for the CPU",
    "2.7.1+rocm6.3, for AMD's GPUs",
    "nightly, cannot tell the version",
  })
  void aLibtorchThatCannotDoIsRefusedSayingWhy(String written, String message) throws Exception {
    // Given
    write("opt/torch/build-version", written);

    // When
    ShellScript.Run run = run("--check");

    // Then
    assertThat(run.exitCode()).isEqualTo(69);
    assertThat(run.err()).contains(message, libtorch.toString());
  }

  @Test
  void aDriverThatDoesNotAnswerIsTold() throws Exception {
    // Given
    write("opt/torch/build-version", "2.7.1+cu128");
    ShellScript.write(bundle.resolve("bin/nvidia-smi"), "echo no devices were found; exit 6\n");

    // When
    ShellScript.Run run = run("--check");

    // Then
    assertThat(run.exitCode()).isEqualTo(69);
    assertThat(run.err()).contains("nvidia-smi cannot reach the driver: no devices were found");
  }

  @Test
  void aGpuThatIsNotThereIsTold() throws Exception {
    // Given
    write("opt/torch/build-version", "2.7.1+cu128");

    // When
    ShellScript.Run run = run("--check", "--device", "cuda:1");

    // Then
    assertThat(run.exitCode()).isEqualTo(69);
    assertThat(run.err()).contains("--device is cuda:1, but nvidia-smi lists 1 GPUs");
  }

  @Test
  void aDriverTooOldForTheFlavorIsWarnedOf() throws Exception {
    // Given
    write("opt/torch/build-version", "2.11.0+cu130");

    // When
    ShellScript.Run run = run("--check");

    // Then
    assertThat(run.exitCode()).isZero();
    assertThat(run.err()).contains("driver 570.1.2 is older than 580");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"--device gpu", "--steps parity,sleep", "--libtorch", "--model .", "--fast"})
  void aWrongCommandLineIsAUsageError(String arguments) throws Exception {
    // When
    ShellScript.Run run = ShellScript.run(bundle, Map.of(), "./run", List.of(arguments.split(" ")));

    // Then
    assertThat(run.exitCode()).isEqualTo(2);
    assertThat(run.err()).contains(arguments.split(" ")[0], "Usage: ./run");
  }

  @Test
  void theLibraryIsBuiltOnceAndNothingIsWrittenBesideLibtorch() throws Exception {
    // Given
    write("opt/torch/build-version", "2.11.0+cu130");

    // When
    ShellScript.Run first = run("model", "inspect", "x");
    ShellScript.Run second = run("model", "inspect", "x");

    // Then
    assertThat(first.exitCode()).as(first.err()).isZero();
    assertThat(first.err()).contains("building DJL's JNI library for libtorch 2.11.0+cu130");
    assertThat(second.err()).doesNotContain("building");
    Path shadow = shadow();
    assertThat(shadow.resolve("0.35.1-libdjl_torch.so")).hasContent("compiled");
    assertThat(shadow.resolve("libtorch.so").toRealPath())
        .isEqualTo(libtorch.toRealPath().resolve("lib/libtorch.so"));
    assertThat(libtorch.resolve("lib")).isDirectoryNotContaining("glob:**djl**");
  }

  @Test
  void aCompilerThatFailsIsToldWithItsFirstError() throws Exception {
    // Given
    write("opt/torch/build-version", "2.11.0+cu130");
    ShellScript.write(bundle.resolve("bin/g++"), "echo 'system.cc:1: error: no' >&2; exit 1\n");

    // When
    ShellScript.Run run = run("model", "inspect", "x");

    // Then
    assertThat(run.exitCode()).isEqualTo(70);
    assertThat(run.err()).contains("system.cc:1: error: no", "build.log");
    assertThat(bundle.resolve("calls")).doesNotExist();
  }

  @Test
  void everyStepRunsThoughOneFailsAndTheExitCodeSaysSo() throws Exception {
    // Given
    write("opt/torch/build-version", "2.7.1+cu128");

    // When
    ShellScript.Run run = run(Map.of("UTTER_TEST_PARITY", "1"));

    // Then
    assertThat(run.exitCode()).as(run.err()).isEqualTo(1);
    assertThat(run.err()).contains("parity-fp32: 1 quantities, 1 out of bounds");
    assertThat(Files.readAllLines(bundle.resolve("results/steps.jsonl")))
        .extracting(line -> JSON.readTree(line).path("step").asText())
        .containsExactly(
            "parity-fp32",
            "parity-bf16",
            "parity-bf16-no-cudnn",
            "parity-tf32",
            "engine",
            "engine-graphs",
            "end-to-end",
            "end-to-end-graphs",
            "agreement",
            "profile-1-graphs",
            "profile-64-graphs",
            "profile-1",
            "profile-64");
    assertThat(run.err()).contains("run: engine-graphs: graphs used");
    assertThat(Files.readAllLines(bundle.resolve("calls")))
        .allSatisfy(call -> assertThat(call).contains("in " + shadow() + " of 2.7.1 cu128"))
        .satisfies(
            calls -> {
              assertThat(calls.get(0)).startsWith("parity").contains("--device cuda").endsWith("0");
              assertThat(calls.get(1)).contains("--precision BFLOAT16").endsWith("0");
              assertThat(calls.get(2)).contains("--precision BFLOAT16").endsWith("0");
              assertThat(calls.get(3)).startsWith("parity").endsWith("tf32 ");
              assertThat(calls.get(5))
                  .contains("--random csm-1b", "--device cuda", "--batch 1,8,32,64,128")
                  .doesNotContain("--native-library");
              assertThat(calls.get(6))
                  .contains("--batch 1,8,32,64,128", "--native-library")
                  .doesNotContain("--no-graphs");
            });
  }

  @Test
  void aShortRunMeasuresGraphsAtTwoBatchesFromWeightsInMemory() throws Exception {
    // Given
    write("opt/torch/build-version", "2.7.1+cu128");

    // When
    ShellScript.Run run = run("--short");

    // Then
    assertThat(run.exitCode()).as(run.err()).isZero();
    assertThat(Files.readAllLines(bundle.resolve("results/steps.jsonl")))
        .extracting(line -> JSON.readTree(line).path("step").asText())
        .containsExactly(
            "parity-fp32",
            "parity-bf16",
            "parity-bf16-no-cudnn",
            "engine-graphs",
            "engine",
            "end-to-end-graphs",
            "profile-1-graphs",
            "profile-64-graphs");
    assertThat(Files.readAllLines(bundle.resolve("calls")))
        .filteredOn(call -> call.startsWith("bench engine"))
        .allMatch(call -> call.contains("--random csm-1b --device cuda"))
        .allMatch(call -> call.contains("--batch 1,64 --context 500 --frames 25 --rounds 1"));
  }

  @Test
  void theNativeLibraryIsTriedOnTheProcessorAndThenUsedForTheProfile() throws Exception {
    // Given
    write("opt/torch/build-version", "2.7.1+cu128");

    // When
    ShellScript.Run run = run("--steps", "profile");

    // Then
    assertThat(run.exitCode()).as(run.err()).isZero();
    assertThat(Files.readAllLines(bundle.resolve("calls")))
        .satisfies(
            calls -> {
              assertThat(calls).hasSize(5);
              assertThat(calls.get(0)).doesNotContain("--device").contains("libutter-ops.so");
              assertThat(calls.subList(1, 5))
                  .allMatch(call -> call.contains("--device cuda"))
                  .allMatch(call -> call.contains("libutter-ops.so"));
            });
  }

  @ParameterizedTest
  @CsvSource({
    "UTTER_TEST_NO_HEADERS, 70, going on without the native library: ops.cc:1: error: no headers",
    "UTTER_TEST_NATIVE, nativeLibrary cannot be loaded, the native library does not work: nativeLibrary cannot be loaded",
  })
  void withoutANativeLibraryTheProfileIsTakenAllTheSame(String name, String value, String reported)
      throws Exception {
    // Given
    write("opt/torch/build-version", "2.7.1+cu128");

    // When
    ShellScript.Run run = run(Map.of(name, value), "--steps", "profile");

    // Then
    assertThat(run.exitCode()).as(run.err()).isZero();
    assertThat(run.err()).contains(reported, "going on without the native library");
    assertThat(Files.readAllLines(bundle.resolve("calls")))
        .filteredOn(call -> call.contains("--device cuda"))
        .hasSize(2)
        .noneMatch(call -> call.contains("--native-library"));
  }

  private JsonNode check() throws Exception {
    ShellScript.Run run = run("--check");
    assertThat(run.exitCode()).as(run.err()).isZero();
    return JSON.readTree(run.out());
  }

  private ShellScript.Run run(String... arguments) throws Exception {
    return run(Map.of(), arguments);
  }

  private ShellScript.Run run(Map<String, String> environment, String... arguments)
      throws Exception {
    List<String> all = new ArrayList<>(List.of("--libtorch", libtorch.toString()));
    all.addAll(List.of(arguments));
    return ShellScript.run(bundle, environment, "./run", all);
  }

  /** The folder that DJL takes libtorch from. */
  private Path shadow() throws IOException {
    try (var folders = Files.list(bundle.resolve("build"))) {
      return folders
          .filter(folder -> !folder.endsWith("cache"))
          .findFirst()
          .orElseThrow()
          .toRealPath()
          .resolve("torch");
    }
  }

  private void write(String file, String content) throws IOException {
    Path path = bundle.resolve(file);
    Files.createDirectories(path.getParent());
    Files.writeString(path, content);
  }
}
