package dev.utter.speech.csm;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;

class GenerationSettingsTest {

  @Test
  void hasDefaults() {
    assertThat(GenerationSettings.defaults()).isEqualTo(new GenerationSettings(256));
  }

  @Test
  void refusesEmptyChunks() {
    assertThatThrownBy(() -> new GenerationSettings(0))
        .hasMessage("prefillChunk is 0, must be at least 1");
  }
}
