package dev.utter.speech.measure;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.utter.speech.SynthesisOptions;
import dev.utter.speech.checkpoint.Checkpoint;
import dev.utter.speech.engine.GenerationSettings;
import dev.utter.speech.text.Prompt;
import dev.utter.speech.torch.EngineSettings;
import dev.utter.speech.torch.NativeMemory;
import dev.utter.speech.torch.TorchEngine;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class StepMeterTest {

  private static final int CODEBOOKS = 8;
  private static final SynthesisOptions OPTIONS = SynthesisOptions.greedy(6);

  private final TorchEngine engine = TorchEngine.start(EngineSettings.defaults().withThreads(1));
  private final Checkpoint checkpoint = Checkpoint.open(Path.of("src/test/fixtures/csm-tiny"));
  private final Prompt one = Prompt.ofText(CODEBOOKS, new int[] {5, 9, 11, 4}, new int[] {7, 8, 3});
  private final Prompt other = Prompt.ofText(CODEBOOKS, new int[0], new int[] {12, 40});

  @Test
  void promptsSideBySideGetTheFramesTheyGetAlone() {
    try (StepMeter meter = load()) {
      // When
      StepMeter.Run together = meter.run(List.of(one, other), OPTIONS, false);
      StepMeter.Run alone = meter.run(List.of(other), OPTIONS, false);

      // Then
      assertThat(together.steps()).hasSize(6).allMatch(time -> time.compareTo(Duration.ZERO) > 0);
      assertThat(together.codes()).hasSize(2).allMatch(codes -> codes.frames() == 6);
      assertThat(together.codes().get(1)).isEqualTo(alone.codes().get(0));
    }
  }

  @Test
  void decodingChangesNoCode() {
    try (StepMeter meter = load()) {
      assertThat(meter.run(List.of(one), OPTIONS, true).codes())
          .isEqualTo(meter.run(List.of(one), OPTIONS, false).codes());
    }
  }

  @Test
  void decodedSoundIsAsLongAsItsFrames() {
    try (StepMeter meter = load()) {
      // When
      StepMeter.Run run = meter.run(List.of(one, other), OPTIONS, true);

      // Then
      int samples = 6 * checkpoint.config().codec().frameSamples();
      assertThat(run.clips()).hasSize(2).allMatch(clip -> clip.samples().length == samples);
      assertThat(meter.run(List.of(one), OPTIONS, false).clips()).isEmpty();
      assertThat(meter.slotBytes()).isPositive();
    }
  }

  @Test
  void measuringLeavesNoNativeMemoryBehind() {
    // Given
    long owners = NativeMemory.openOwners();

    // When
    try (StepMeter meter = load()) {
      meter.run(List.of(one, other), OPTIONS, true);
      StepMeter.FirstFrame firstFrame = meter.firstFrame(one);

      // Then
      assertThat(firstFrame.miss()).isPositive();
      assertThat(firstFrame.hit()).isPositive();
      assertThat(meter.kernels()).isNotEmpty();
    }
    assertThat(NativeMemory.openOwners()).isEqualTo(owners);
  }

  @Test
  void aProfileHoldsTheRecordedStepsAndNoOthers(@TempDir Path folder) throws IOException {
    // Given
    Path trace = folder.resolve("trace.json");

    // When
    try (StepMeter meter = load()) {
      meter.profile(List.of(one, other), OPTIONS, 2, trace);
    }

    // Then
    String recorded = Files.readString(trace);
    assertThat(recorded.split("\"backbone_step\"", -1)).hasSize(1 + 2);
    assertThat(recorded).contains("aten::embedding").doesNotContain("\"prefill\"", "\"join\"");
  }

  @Test
  void moreRecordedStepsThanFramesAreRefused() {
    try (StepMeter meter = load()) {
      assertThatThrownBy(() -> meter.profile(List.of(one), OPTIONS, 7, Path.of("trace.json")))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContaining("recorded is 7");
    }
  }

  private StepMeter load() {
    return StepMeter.load(engine, checkpoint, GenerationSettings.defaults());
  }
}
