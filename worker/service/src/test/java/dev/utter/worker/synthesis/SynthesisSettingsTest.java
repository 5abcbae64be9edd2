package dev.utter.worker.synthesis;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import dev.utter.worker.access.AccessSettings;
import dev.utter.worker.access.ObjectPrefix;
import dev.utter.worker.synthesis.cancellation.CancellationMemory;
import dev.utter.worker.synthesis.fair.LaneShares;
import dev.utter.worker.synthesis.schedule.Suspects;
import java.time.Duration;
import java.util.OptionalInt;
import org.junit.jupiter.api.Test;

class SynthesisSettingsTest {
  private static final AccessSettings ACCESS =
      AccessSettings.defaults(new ObjectPrefix("clips", "clips"));

  @Test
  void hasTheseDefaults() {
    // When
    SynthesisSettings settings = SynthesisSettings.defaults("worker-1", ACCESS);

    // Then
    assertThat(settings).isEqualTo(settings(4));
  }

  @Test
  void refusesPoolsWithoutThreads() {
    // Then
    assertThatIllegalArgumentException()
        .isThrownBy(() -> settings(0))
        .withMessageContaining("synthesis.contextThreads is 0, must be 1 or more");
  }

  @Test
  void fitsWhatIsLeftOpenToTheSlots() {
    // Given
    int processors = Runtime.getRuntime().availableProcessors();
    SynthesisSettings open = SynthesisSettings.defaults("worker-1", ACCESS);

    // When
    SynthesisSizes small = open.sizes(1);
    SynthesisSizes large = open.sizes(64);

    // Then
    assertThat(small.finishingThreads()).isEqualTo(2);
    assertThat(small.maxFinishing()).isEqualTo(8);
    assertThat(small.prefetch()).isEqualTo(4);
    assertThat(large.finishingThreads()).isEqualTo(Math.max(2, Math.min(64, processors)));
    assertThat(large.maxFinishing()).isEqualTo(128);
    assertThat(large.prefetch()).isEqualTo(16);
  }

  private static SynthesisSettings settings(int contextThreads) {
    return new SynthesisSettings(
        "worker-1",
        ACCESS,
        contextThreads,
        OptionalInt.empty(),
        OptionalInt.empty(),
        256L << 20,
        50_000_000,
        64L << 20,
        new SynthesisSettings.Retries(
            Duration.ofMillis(200), Duration.ofSeconds(30), Duration.ofMinutes(15)),
        new Suspects(Duration.ofSeconds(10), Duration.ofSeconds(10), Duration.ofMinutes(2)),
        new LaneShares(20, 5),
        "utter.publisher",
        new CancellationMemory(64L << 20, Duration.ofDays(7)),
        Duration.ofMinutes(5));
  }
}
