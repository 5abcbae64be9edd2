package dev.utter.speech.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assumptions.assumeThat;

import dev.utter.speech.AudioCodes;
import dev.utter.speech.checkpoint.Checkpoint;
import dev.utter.speech.checkpoint.TinyCheckpoint;
import dev.utter.speech.measure.PrecisionQuality;
import dev.utter.speech.text.Prompt;
import dev.utter.speech.text.PromptLayout;
import dev.utter.speech.torch.EngineSettings;
import dev.utter.speech.torch.EngineSettings.Kernels;
import dev.utter.speech.torch.EngineSettings.Precision;
import dev.utter.speech.torch.TorchEngine;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** What the lower precisions cost in quality. */
class PrecisionTest {

  private static final EngineSettings ENGINE =
      EngineSettings.defaults().withThreads(1).withKernels(Kernels.LIBTORCH);
  private static final Checkpoint CHECKPOINT = Checkpoint.open(TinyCheckpoint.DIRECTORY);
  private static final int FRAMES = 75;

  @Test
  void sixteenBitChoosesNearlyEveryCodeThat32BitChooses() {
    // When
    PrecisionQuality quality = measure(Precision.FLOAT16);

    // Then
    assertThat(quality.codes()).isEqualTo(FRAMES * CHECKPOINT.config().codebooks());
    assertThat(quality.agreement()).isGreaterThanOrEqualTo(0.995);
    assertThat(quality.meanDivergence()).isBetween(1e-12, 1e-4);
  }

  @Test
  void eightBitAndBrainFloatStayClose() {
    for (Precision precision : new Precision[] {Precision.INT8, Precision.BFLOAT16}) {
      // When
      PrecisionQuality quality = measure(precision);

      // Then
      assertThat(quality.agreement()).as("%s", quality).isGreaterThan(0.9);
      assertThat(quality.meanDivergence()).as("%s", quality).isBetween(1e-9, 0.02);
    }
  }

  @Test
  void fourBitInTheDepthDecoderStaysClose() {
    assumeThat(TorchEngine.start(ENGINE).hasCpuOperators())
        .as("a C++ compiler when this was built and a processor with AVX2 or of Arm")
        .isTrue();

    // When
    PrecisionQuality quality =
        PrecisionQuality.measure(
            ENGINE.withKernels(Kernels.CUSTOM).withPrecision(Precision.INT4),
            CHECKPOINT,
            prompt(),
            FRAMES);

    // Then
    assertThat(quality.agreement()).as("%s", quality).isGreaterThan(0.83);
    assertThat(quality.meanDivergence()).as("%s", quality).isBetween(1e-9, 0.04);
  }

  @Test
  void thirtyTwoBitAgreesWithItself() {
    // When
    PrecisionQuality quality = measure(Precision.FLOAT32);

    // Then
    assertThat(quality.agreement()).isEqualTo(1);
    assertThat(quality.meanDivergence()).isZero();
  }

  @Test
  void moreFramesThanThereArePositionsAreRefused() {
    assertThatThrownBy(() -> PrecisionQuality.measure(ENGINE, CHECKPOINT, prompt(), 1_000_000))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("frames is 1000000, must be from 1 to");
  }

  private static PrecisionQuality measure(Precision precision) {
    return PrecisionQuality.measure(ENGINE.withPrecision(precision), CHECKPOINT, prompt(), FRAMES);
  }

  private static Prompt prompt() {
    int codebooks = CHECKPOINT.config().codebooks();
    int[] codes =
        new Random(3)
            .ints(10L * codebooks, 0, CHECKPOINT.config().codec().codebookSize())
            .toArray();
    return PromptLayout.ofIds(
        PromptLayout.Sizes.of(CHECKPOINT.config()),
        new int[] {5, 6, 7},
        new AudioCodes(codebooks, codes),
        new int[] {8, 9, 10});
  }
}
