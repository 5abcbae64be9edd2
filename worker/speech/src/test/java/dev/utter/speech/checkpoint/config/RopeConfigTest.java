package dev.utter.speech.checkpoint.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.withinPercentage;

import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class RopeConfigTest {

  private static final RopeConfig ORIGINAL =
      new RopeConfig(500_000, Optional.of(new RopeScaling(32, 1, 4, 8192)));

  @ParameterizedTest
  @CsvSource({
    "64, 0, 1",
    "64, 14, 3.211446106e-3",
    "64, 15, 1.290548011e-3",
    "64, 16, 4.295567051e-4",
    "64, 17, 9.708286234e-5",
    "64, 18, 1.946163866e-5",
    "64, 31, 9.418306490e-8",
    "128, 28, 3.211446106e-3",
    "128, 29, 2.118406817e-3",
    "128, 34, 9.708286234e-5",
    "128, 35, 2.389053043e-5",
    "128, 63, 7.672314695e-8",
  })
  void scalesFrequenciesAsLlama3Does(int headDim, int pair, float expected) {
    assertThat(ORIGINAL.inverseFrequencies(headDim)[pair])
        .isCloseTo(expected, withinPercentage(1e-4));
  }

  @Test
  void yieldsTheSameForThePublishedScalings() {
    // Given: the same wavelengths, given relative to shorter contexts
    RopeConfig backbone =
        new RopeConfig(500_000, Optional.of(new RopeScaling(32, 0.125, 0.5, 1024)));
    RopeConfig depthDecoder =
        new RopeConfig(500_000, Optional.of(new RopeScaling(32, 0.001953125, 0.0078125, 16)));

    // Then
    assertThat(backbone.inverseFrequencies(64)).isEqualTo(ORIGINAL.inverseFrequencies(64));
    assertThat(depthDecoder.inverseFrequencies(128)).isEqualTo(ORIGINAL.inverseFrequencies(128));
  }

  @Test
  void leavesFrequenciesAloneWithoutScaling() {
    // Given
    RopeConfig plain = new RopeConfig(10_000, Optional.empty());

    // Then
    assertThat(plain.inverseFrequencies(4)).containsExactly(1f, 0.01f);
  }

  @Test
  void refusesInvalidScalings() {
    assertThatThrownBy(() -> new RopeScaling(0, 1, 4, 8192)).hasMessageContaining("factor 0.0");
    assertThatThrownBy(() -> new RopeScaling(32, 4, 4, 8192))
        .hasMessage("highFrequencyFactor is 4.0, must be above lowFrequencyFactor 4.0");
    assertThatThrownBy(() -> new RopeConfig(0, Optional.empty()))
        .hasMessage("theta is 0.0, must be above 0");
  }
}
