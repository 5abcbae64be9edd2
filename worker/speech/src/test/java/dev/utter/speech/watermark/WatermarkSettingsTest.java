package dev.utter.speech.watermark;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.OptionalDouble;
import org.junit.jupiter.api.Test;

final class WatermarkSettingsTest {

  @Test
  void hasTheDocumentedDefaults() {
    assertThat(WatermarkSettings.DEFAULT)
        .isEqualTo(new WatermarkSettings(OptionalDouble.empty(), 0.6f, 5));
  }

  @Test
  void takesCsmsStrengthUnlessTheNetworkNeedsMore() {
    assertThat(WatermarkSettings.DEFAULT.strengthFor(47)).isEqualTo(36);
    assertThat(WatermarkSettings.DEFAULT.strengthFor(22)).isEqualTo(22);
    assertThat(new WatermarkSettings(OptionalDouble.of(40), 0.6f, 5).strengthFor(22)).isEqualTo(40);
  }

  @Test
  void namesTheValueAndTheRule() {
    refuses(
        () -> new WatermarkSettings(OptionalDouble.of(-1), 0.5f, 1), "strengthDecibels is -1.0");
    refuses(() -> new WatermarkSettings(OptionalDouble.of(Double.NaN), 0.5f, 1), "is NaN");
    refuses(() -> new WatermarkSettings(OptionalDouble.empty(), 1.5f, 1), "threshold is 1.5");
    refuses(() -> new WatermarkSettings(OptionalDouble.empty(), 0.5f, 0), "minimumRepeats is 0");
  }

  private static void refuses(Runnable settings, String message) {
    assertThatThrownBy(settings::run)
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining(message)
        .hasMessageContaining("must be");
  }
}
