package dev.utter.speech.csm;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.utter.speech.checkpoint.RandomCheckpoint;
import dev.utter.speech.torch.EngineSettings;
import dev.utter.speech.torch.EngineSettings.Precision;
import org.junit.jupiter.api.Test;

class WeightMemoryTest {

  private static final EngineSettings SETTINGS = EngineSettings.defaults().withDevice("cuda:1");

  @Test
  void theMatricesOfCsm1bAreCountedOnceInTheirPrecision() {
    // Given
    WeightMemory full = of(Precision.FLOAT32);
    WeightMemory half = of(Precision.BFLOAT16);

    // Then: backbone 973 million, depth decoder 113 million, heads 69 million numbers; the depth
    // decoder's tables 65 million, which have 16 bit at least
    long tables = 31L * 2051 * 1024;
    assertThat(full.weightBytes()).isBetween(4_600_000_000L, 4_900_000_000L);
    assertThat(half.weightBytes()).isEqualTo(full.weightBytes() / 2);
    assertThat(of(Precision.INT8).weightBytes())
        .isEqualTo((full.weightBytes() - 4 * tables) / 4 + 2 * tables);
    long mlps = 4L * 3 * 1024 * 8192;
    assertThat(of(Precision.INT4).weightBytes())
        .isEqualTo(of(Precision.INT8).weightBytes() - mlps + mlps * 17 / 32);
    assertThat(full.slotBytes()).isGreaterThan(half.slotBytes()).isGreaterThan(2048 * 65_536L);
  }

  @Test
  void aDeviceThatIsTooSmallIsRefusedWithItsNumbers() {
    // Given
    WeightMemory memory = new WeightMemory(5000, 300);

    // Then
    assertThatCode(() -> memory.require(SETTINGS, 5300)).doesNotThrowAnyException();
    assertThatThrownBy(() -> memory.require(SETTINGS, 5299))
        .isInstanceOf(IllegalStateException.class)
        .hasMessage(
            "cuda:1 has 5299 bytes of memory free, but the weights take 5000 as FLOAT32 and one"
                + " utterance of full length takes 300: end what else uses the device, or choose a"
                + " lower precision");
  }

  private static WeightMemory of(Precision precision) {
    return WeightMemory.of(SETTINGS.withPrecision(precision), RandomCheckpoint.csm1b(1));
  }
}
