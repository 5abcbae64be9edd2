package dev.utter.worker.synthesis.job;

import static org.assertj.core.api.Assertions.assertThat;

import dev.utter.worker.synthesis.TestingClock;
import java.time.Duration;
import java.time.Instant;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

class StepHealthTest {
  private static final Duration LIMIT = Duration.ofMinutes(5);

  private final TestingClock clock = new TestingClock(Instant.EPOCH);
  private final AtomicLong ticker = new AtomicLong(Long.MAX_VALUE - 1);
  private final StepHealth health =
      new StepHealth(() -> true, Duration.ofSeconds(30), clock, ticker::get);

  @Test
  void aNativeStepThatDoesNotEndIsHungByTheTickerAndNotByTheClock() {
    // Given
    health.began(JobStep.MARKING);
    clock.advance(LIMIT.multipliedBy(2));
    assertThat(health.hung(LIMIT)).isEmpty();

    // When
    ticker.addAndGet(LIMIT.plusSeconds(1).toNanos());

    // Then
    assertThat(health.hung(LIMIT)).hasValue("marking has stood still for 301 s");
    health.ended(JobStep.MARKING);
    assertThat(health.hung(LIMIT)).isEmpty();
  }

  @Test
  void aStepThatWaitsForTheNetworkIsNeverHung() {
    // Given
    health.began(JobStep.STORAGE);

    // When
    ticker.addAndGet(LIMIT.multipliedBy(2).toNanos());

    // Then
    assertThat(health.hung(LIMIT)).isEmpty();
  }
}
