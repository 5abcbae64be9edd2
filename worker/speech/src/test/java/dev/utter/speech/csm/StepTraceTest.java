package dev.utter.speech.csm;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.utter.speech.SynthesisOptions;
import dev.utter.speech.checkpoint.Checkpoint;
import dev.utter.speech.engine.GenerationSettings;
import dev.utter.speech.measure.StepMeter;
import dev.utter.speech.text.Prompt;
import dev.utter.speech.torch.EngineSettings;
import dev.utter.speech.torch.EngineSettings.Kernels;
import dev.utter.speech.torch.EngineSettings.Precision;
import dev.utter.speech.torch.TorchEngine;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Collections;
import java.util.List;
import java.util.Set;
import java.util.stream.StreamSupport;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * What a frame step asks of libtorch, call by call. On a GPU the processor only starts kernels; a
 * call that needs a number back, or brings one, waits until all of them are done.
 */
class StepTraceTest {

  private static final int CODEBOOKS = 8;

  /** Each of these reads a tensor's content on the host, or has a size that depends on it. */
  private static final Set<String> WAITING =
      Set.of(
          "aten::item",
          "aten::_local_scalar_dense",
          "aten::is_nonzero",
          "aten::nonzero",
          "aten::masked_select",
          "aten::unique",
          "aten::equal",
          "aten::allclose",
          "aten::lift_fresh",
          "aten::cpu");

  private final Checkpoint checkpoint = Checkpoint.open(Path.of("src/test/fixtures/csm-tiny"));

  @TempDir Path folder;

  @ParameterizedTest
  @CsvSource({
    "FLOAT32, 1, 1",
    "FLOAT32, 3, 1",
    "FLOAT32, 3, 20",
    "BFLOAT16, 1, 1",
    "BFLOAT16, 3, 20"
  })
  void nothingInAStepWaitsForTheDevice(Precision precision, int batch, int topK)
      throws IOException {
    // When
    List<JsonNode> calls = record(precision, batch, topK);

    // Then
    assertThat(calls).extracting(StepTraceTest::name).doesNotContainAnyElementsOf(WAITING);
    assertThat(calls)
        .filteredOn(call -> name(call).equals("aten::copy_"))
        .as("no tensor is made of a number just to be copied")
        .noneMatch(StepTraceTest::copiesOneNumber);
  }

  /** The calls of one step. */
  private List<JsonNode> record(Precision precision, int batch, int topK) throws IOException {
    TorchEngine engine =
        TorchEngine.start(
            EngineSettings.defaults()
                .withThreads(1)
                .withKernels(Kernels.LIBTORCH)
                .withPrecision(precision));
    Path trace = folder.resolve("trace.json");
    Prompt prompt = Prompt.ofText(CODEBOOKS, new int[] {5, 9, 11, 4}, new int[] {7, 8, 3});
    List<Prompt> prompts = Collections.nCopies(batch, prompt);
    try (StepMeter meter = StepMeter.load(engine, checkpoint, GenerationSettings.defaults())) {
      meter.profile(prompts, new SynthesisOptions(3, 0.9f, topK, 1), 1, trace);
    }
    return StreamSupport.stream(new ObjectMapper().readTree(trace.toFile()).spliterator(), false)
        .toList();
  }

  /** The arguments end with target, source and a flag; others may stand before them. */
  private static boolean copiesOneNumber(JsonNode copy) {
    JsonNode shapes = copy.path("shape");
    int source = shapes.size() - 2;
    return shapes.path(source).isEmpty() && !shapes.path(source - 1).isEmpty();
  }

  private static String name(JsonNode call) {
    return call.path("name").asText();
  }
}
