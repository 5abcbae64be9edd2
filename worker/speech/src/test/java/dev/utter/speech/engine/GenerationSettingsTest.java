package dev.utter.speech.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.OptionalInt;
import java.util.OptionalLong;
import org.junit.jupiter.api.Test;

class GenerationSettingsTest {

  private static final GenerationSettings DEFAULTS = GenerationSettings.defaults();

  @Test
  void hasDefaults() {
    assertThat(DEFAULTS)
        .isEqualTo(
            new GenerationSettings(
                OptionalInt.empty(),
                OptionalInt.empty(),
                OptionalLong.empty(),
                OptionalLong.empty(),
                4,
                false,
                true));
  }

  @Test
  void changesOneSettingAtATime() {
    assertThat(
            DEFAULTS
                .withPrefillChunk(7)
                .withSlots(3)
                .withMemoryBytes(1000)
                .withPrefixBytes(0)
                .withFramesPerDecode(2)
                .withStrict(true)
                .withGraphs(false))
        .isEqualTo(
            new GenerationSettings(
                OptionalInt.of(7),
                OptionalInt.of(3),
                OptionalLong.of(1000),
                OptionalLong.of(0),
                2,
                true,
                false));
  }

  @Test
  void refusesWhatCannotWork() {
    assertThatThrownBy(() -> DEFAULTS.withPrefillChunk(0))
        .hasMessage("prefillChunk is 0, must be at least 1");
    assertThatThrownBy(() -> DEFAULTS.withSlots(0)).hasMessage("slots is 0, must be at least 1");
    assertThatThrownBy(() -> DEFAULTS.withMemoryBytes(0))
        .hasMessage("memoryBytes is 0, must be at least 1");
    assertThatThrownBy(() -> DEFAULTS.withPrefixBytes(-1))
        .hasMessage("prefixBytes is -1, must be 0 or above");
    assertThatThrownBy(() -> DEFAULTS.withFramesPerDecode(0))
        .hasMessage("framesPerDecode is 0, must be at least 1");
  }
}
