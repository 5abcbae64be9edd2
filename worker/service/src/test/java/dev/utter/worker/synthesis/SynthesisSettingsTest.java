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

  private static SynthesisSettings settings(
      String bucket, Set<String> buckets, String prefix, int contextThreads) {
    return new SynthesisSettings(
        "worker-1",
        bucket,
        buckets,
        prefix,
        contextThreads,
        2,
        8,
        4,
        256L << 20,
        50_000_000,
        Duration.ofMillis(200),
        Duration.ofSeconds(30),
        100_000,
        Duration.ofDays(1));
  }
}
