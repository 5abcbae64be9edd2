package dev.utter.worker.synthesis;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.time.Duration;
import java.util.Set;
import org.junit.jupiter.api.Test;

class SynthesisSettingsTest {

  @Test
  void hasTheseDefaults() {
    // When
    SynthesisSettings settings = SynthesisSettings.defaults("worker-1", "clips");

    // Then
    assertThat(settings).isEqualTo(settings("clips", Set.of("clips"), "clips", 4));
  }

  @Test
  void refusesADefaultBucketThatRequestsMayNotName() {
    // Then
    assertThatIllegalArgumentException()
        .isThrownBy(() -> settings("clips", Set.of("others"), "clips", 4))
        .withMessageContaining("clips")
        .withMessageContaining("others");
  }

  @Test
  void refusesAPrefixThatLeavesItsPlace() {
    // Then
    assertThatIllegalArgumentException()
        .isThrownBy(() -> settings("clips", Set.of("clips"), "a/../b", 4))
        .withMessageContaining("a/../b");
  }

  @Test
  void refusesPoolsWithoutThreads() {
    // Then
    assertThatIllegalArgumentException()
        .isThrownBy(() -> settings("clips", Set.of("clips"), "clips", 0))
        .withMessageContaining("contextThreads is 0");
  }

  @Test
  void fitsWhatIsLeftOpenToTheSlots() {
    // Given
    int processors = Runtime.getRuntime().availableProcessors();
    SynthesisSettings open = SynthesisSettings.defaults("worker-1", "clips");

    // When
    SynthesisSettings small = open.sizedFor(1);
    SynthesisSettings large = open.sizedFor(64);

    // Then
    assertThat(small.finishingThreads()).isEqualTo(2);
    assertThat(small.maxFinishing()).isEqualTo(8);
    assertThat(small.prefetch()).isEqualTo(4);
    assertThat(large.finishingThreads()).isEqualTo(Math.max(2, Math.min(64, processors)));
    assertThat(large.maxFinishing()).isEqualTo(128);
    assertThat(large.prefetch()).isEqualTo(16);
    assertThat(large.sizedFor(1)).isEqualTo(large);
  }

  private static SynthesisSettings settings(
      String bucket, Set<String> buckets, String prefix, int contextThreads) {
    return new SynthesisSettings(
        "worker-1",
        bucket,
        buckets,
        prefix,
        contextThreads,
        1,
        0,
        0,
        0,
        256L << 20,
        50_000_000,
        new SynthesisSettings.Retries(
            Duration.ofMillis(200), Duration.ofSeconds(30), Duration.ofMinutes(15)),
        new SynthesisSettings.Suspects(
            Duration.ofSeconds(10), Duration.ofSeconds(10), Duration.ofMinutes(2)),
        new SynthesisSettings.CancellationMemory(64L << 20, Duration.ofDays(7)),
        Duration.ofMinutes(5));
  }
}
