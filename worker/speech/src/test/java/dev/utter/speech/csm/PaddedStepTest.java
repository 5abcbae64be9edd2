package dev.utter.speech.csm;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import ai.djl.ndarray.NDManager;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.utter.speech.SynthesisOptions;
import dev.utter.speech.engine.GenerationSettings;
import dev.utter.speech.text.Prompt;
import dev.utter.speech.torch.EngineSettings;
import dev.utter.speech.torch.OperatorProfile;
import dev.utter.speech.torch.TorchEngine;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.IntFunction;
import java.util.stream.StreamSupport;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Steps with rounded-up shapes beside those with exact ones, their reference. */
class PaddedStepTest {

  private static final int FRAMES = 8;
  private static final int CAPACITY = 300;

  private static final List<SynthesisOptions> OPTIONS =
      List.of(
          SynthesisOptions.sampled(FRAMES, 1),
          SynthesisOptions.greedy(FRAMES),
          new SynthesisOptions(FRAMES, 1.3f, 5, 9));

  private static LoadedModel tiny;
  private static List<Prompt> prompts;

  @TempDir Path folder;

  @BeforeAll
  static void load() {
    tiny = new LoadedModel(Path.of("src/test/fixtures/csm-tiny"), GenerationSettings.defaults());
    prompts =
        List.of(
            tiny.prompt(0, "One."), tiny.promptWithContext(20), tiny.prompt(2, "Three, three."));
  }

  @AfterAll
  static void close() {
    tiny.close();
  }

  /** What one way of stepping gave: frames by step, and the numbers of slot 0. */
  private record Run(List<List<int[]>> frames, List<FrameTrace> traces) {}

  @ParameterizedTest
  @ValueSource(ints = {1, 2, 3})
  void paddedStepsGiveTheCodesAndNumbersOfExactOnes(int running) {
    // Given
    StepShape limits = new StepShape(4, CAPACITY, tiny.program.maxTopK());
    int maxLength = prompts.stream().limit(running).mapToInt(Prompt::positions).max().orElseThrow();
    int maxTopK = tiny.program.topK(OPTIONS.get(0));

    // When
    Run exact =
        run(
            running,
            frame -> tiny.program.step(running, running, maxLength + frame, maxTopK, new long[0]));
    Run padded =
        run(
            running,
            frame ->
                tiny.program.step(
                    StepShape.around(running, maxLength + frame, maxTopK, limits), running));

    // Then
    for (int frame = 0; frame < FRAMES; frame++) {
      assertThat(padded.frames.get(frame).toArray(int[][]::new))
          .isDeepEqualTo(exact.frames.get(frame).toArray(int[][]::new));
      assertThat(padded.traces.get(frame).codebook0Logits())
          .containsExactly(exact.traces.get(frame).codebook0Logits(), within(1e-4f));
      for (int codebook = 0; codebook < exact.traces.get(frame).depthLogits().size(); codebook++) {
        assertThat(padded.traces.get(frame).depthLogits().get(codebook))
            .containsExactly(exact.traces.get(frame).depthLogits().get(codebook), within(1e-4f));
      }
    }
  }

  private static Run run(int running, IntFunction<List<Optional<int[]>>> step) {
    tiny.program.reserve(0, 0);
    tiny.program.reserve(4, CAPACITY);
    for (int slot = 0; slot < running; slot++) {
      tiny.join(slot, prompts.get(slot), OPTIONS.get(slot), 100);
    }
    Run run = new Run(new ArrayList<>(), new ArrayList<>());
    tiny.program.trace(true);
    for (int frame = 0; frame < FRAMES; frame++) {
      run.frames.add(step.apply(frame).stream().map(Optional::orElseThrow).toList());
      run.traces.add(tiny.program.latestTrace());
    }
    tiny.program.trace(false);
    return run;
  }

  @Test
  void aSlotThatIsNotUsedStaysWhereItIs() {
    // Given
    tiny.program.reserve(0, 0);
    tiny.program.reserve(2, 32);
    StepShape shape = new StepShape(2, 32, 1);

    // When
    for (int round = 0; round < 5; round++) {
      tiny.join(0, prompts.get(0), OPTIONS.get(1), 100);
      for (int frame = 0; frame < FRAMES; frame++) {
        // Would fail if the other slot went on beyond the end of its cache.
        tiny.program.step(shape, 1);
      }
    }

    // Then
    assertThat(tiny.program.step(shape, 2)).hasSize(2).allMatch(Optional::isPresent);
  }

  /** What a graph records must be right for all it is replayed for. */
  @Test
  void whatAStepAsksOfTheDeviceFollowsFromItsShapeAlone() throws IOException {
    // Given
    StepShape shape = new StepShape(4, 256, 64);
    tiny.program.reserve(0, 0);
    tiny.program.reserve(4, CAPACITY);
    tiny.join(0, prompts.get(0), OPTIONS.get(0), 100);
    tiny.program.step(shape, 1);

    // When
    List<String> few = calls(shape);
    tiny.join(1, prompts.get(1), OPTIONS.get(1), 100);
    tiny.join(2, prompts.get(2), OPTIONS.get(2), 100);
    List<String> more = calls(shape);

    // Then
    assertThat(few).hasSizeGreaterThan(300).isEqualTo(more);
    assertThat(few)
        .noneMatch(call -> call.startsWith("aten::item") || call.startsWith("aten::nonzero"))
        .noneMatch(call -> call.startsWith("aten::_local_scalar_dense"));
  }

  /** Every operator of one step with the shapes of its tensors, in order. */
  private List<String> calls(StepShape shape) throws IOException {
    TorchEngine engine = TorchEngine.start(EngineSettings.defaults().withThreads(1));
    Path trace = folder.resolve("trace.json");
    try (NDManager scope = engine.newScope()) {
      OperatorProfile.record(engine, trace, () -> tiny.program.paddedStep(scope, shape));
    }
    return StreamSupport.stream(new ObjectMapper().readTree(trace.toFile()).spliterator(), false)
        .map(call -> call.path("name").asText() + call.path("shape"))
        .toList();
  }
}
