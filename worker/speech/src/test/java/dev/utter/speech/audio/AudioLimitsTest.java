package dev.utter.speech.audio;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import org.junit.jupiter.api.Test;

final class AudioLimitsTest {
  private static final long GIB = 1L << 30;

  @Test
  void hasTheDocumentedDefaults() {
    assertThat(AudioLimits.DEFAULT)
        .isEqualTo(new AudioLimits(1L << 26, Duration.ofMinutes(3), Duration.ofSeconds(30), GIB));
  }

  @Test
  void namesTheValueAndTheRule() {
    Duration second = Duration.ofSeconds(1);
    refuses(() -> new AudioLimits(0, second, second, GIB), "maxFileBytes is 0");
    refuses(() -> new AudioLimits(GIB + 1, second, second, GIB), "maxFileBytes is 1073741825");
    refuses(() -> new AudioLimits(1, Duration.ZERO, second, GIB), "maxDuration is PT0S");
    refuses(() -> new AudioLimits(1, Duration.ofHours(2), second, GIB), "maxDuration is PT2H");
    refuses(() -> new AudioLimits(1, second, Duration.ZERO, GIB), "toolTime is PT0S");
    refuses(() -> new AudioLimits(1, second, Duration.ofHours(1), GIB), "toolTime is PT1H");
    refuses(() -> new AudioLimits(1, second, second, 1), "toolMemoryBytes is 1");
  }

  private static void refuses(Runnable settings, String message) {
    assertThatThrownBy(settings::run)
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining(message)
        .hasMessageContaining("must be");
  }
}
