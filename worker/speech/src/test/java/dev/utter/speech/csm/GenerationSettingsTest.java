package dev.utter.speech.csm;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class GenerationSettingsTest {

  @Test
  void hasDefaults() {
    assertThat(GenerationSettings.defaults()).isEqualTo(new GenerationSettings(25, 256));
    assertThat(GenerationSettings.defaults().withoutRepeatedFrameLimit())
        .isEqualTo(new GenerationSettings(0, 256));
  }

  @ParameterizedTest
  @ValueSource(ints = {-1, 1})
  void refusesALimitThatEveryFrameReaches(int limit) {
    assertThatThrownBy(() -> new GenerationSettings(limit, 256))
        .hasMessage("repeatedFrameLimit is " + limit + ", must be 0 or at least 2");
  }

  @Test
  void refusesEmptyChunks() {
    assertThatThrownBy(() -> new GenerationSettings(0, 0))
        .hasMessage("prefillChunk is 0, must be at least 1");
  }
}
