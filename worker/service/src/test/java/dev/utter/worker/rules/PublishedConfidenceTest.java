package dev.utter.worker.rules;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class PublishedConfidenceTest {

  @ParameterizedTest
  @CsvSource({"0, 0", "0.024, 0", "0.026, 0.05", "0.97, 0.95", "0.976, 1", "1, 1"})
  void isTheNearestStep(float confidence, float published) {
    assertThat(PublishedConfidence.of(confidence)).isEqualTo(published);
  }

  @Test
  void hasTwentyOneValuesOnly() {
    assertThat(
            IntStream.rangeClosed(0, 10_000)
                .mapToObj(i -> PublishedConfidence.of(i / 10_000f))
                .distinct())
        .hasSize(21);
  }
}
