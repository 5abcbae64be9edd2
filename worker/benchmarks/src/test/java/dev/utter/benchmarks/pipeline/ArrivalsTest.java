package dev.utter.benchmarks.pipeline;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class ArrivalsTest {
  private static final Duration LONG = Duration.ofMinutes(10);

  @Test
  void fixedArrivalsAreEvenlySpaced() {
    // When
    List<Duration> arrivals = Arrivals.FIXED.within(Duration.ofSeconds(1), 4, 1);

    // Then
    assertThat(arrivals)
        .containsExactly(Duration.ofMillis(250), Duration.ofMillis(500), Duration.ofMillis(750));
  }

  @ParameterizedTest
  @EnumSource(Arrivals.class)
  void theSameSeedGivesTheSameArrivalsInOrderAndInTime(Arrivals arrivals) {
    // When
    List<Duration> first = arrivals.within(LONG, 10, 7);

    // Then
    assertThat(arrivals.within(LONG, 10, 7)).isEqualTo(first);
    assertThat(first).isSorted().allMatch(at -> at.compareTo(LONG) < 0);
  }

  @Test
  void anotherSeedGivesOtherArrivals() {
    assertThat(Arrivals.POISSON.within(LONG, 10, 8))
        .isNotEqualTo(Arrivals.POISSON.within(LONG, 10, 7));
  }

  @Test
  void poissonArrivalsHaveTheRateAndTheBurstsOfAPoissonProcess() {
    // When
    List<Duration> arrivals = Arrivals.POISSON.within(LONG, 10, 7);
    long soon = 0;
    for (int i = 1; i < arrivals.size(); i++) {
      soon += arrivals.get(i).minus(arrivals.get(i - 1)).toMillis() < 50 ? 1 : 0;
    }

    // Then
    assertThat(arrivals.size() / 600.0).isCloseTo(10, within(0.5));
    assertThat((double) soon / arrivals.size()).isCloseTo(1 - Math.exp(-0.5), within(0.03));
  }
}
