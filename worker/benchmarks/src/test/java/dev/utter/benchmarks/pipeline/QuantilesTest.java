package dev.utter.benchmarks.pipeline;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;

class QuantilesTest {

  @Test
  void givesTheSmallestValueThatAtLeastThatShareDoesNotExceed() {
    // Given
    List<Long> nanos = LongStream.rangeClosed(1, 200).map(i -> i * 1_000_000).boxed().toList();

    // When
    Quantiles quantiles = new Quantiles(nanos);

    // Then
    assertThat(quantiles.json().toString())
        .isEqualTo("{\"p50\":100.0,\"p95\":190.0,\"p99\":198.0,\"max\":200.0}");
  }

  @Test
  void givesTheOnlyValueForEveryShare() {
    assertThat(new Quantiles(List.of(1_250_000L)))
        .hasToString("p50 1.3 ms, p95 1.3 ms, p99 1.3 ms, at most 1.3 ms");
  }

  @Test
  void givesNothingForNoValues() {
    assertThat(new Quantiles(List.of()).json().path("p99").isNull()).isTrue();
  }
}
