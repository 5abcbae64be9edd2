package dev.utter.worker.streams;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Instant;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class LenientTimestampsTest {
  private static final long NOW = Instant.parse("2026-11-28T12:00:00Z").toEpochMilli();

  @ParameterizedTest
  @ValueSource(longs = {-1, 0, 1_795_867_200L, 99_999_999_999L})
  void aTimeThatIsNegativeOrZeroOrInSecondsIsThePresent(long timestamp) {
    assertThat(LenientTimestamps.orPresent(timestamp, NOW)).isEqualTo(NOW);
  }

  @Test
  void anyOtherTimeIsTaken() {
    long yesterday = NOW - 86_400_000;
    assertThat(LenientTimestamps.orPresent(yesterday, NOW)).isEqualTo(yesterday);
  }
}
