package dev.utter.worker.streams;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.time.ZoneOffset;
import org.junit.jupiter.api.Test;

class ReplacementBudgetTest {
  private Instant now = Instant.EPOCH;

  @Test
  void onlySoManyReplacementsFitIntoTheWindow() {
    // Given
    ReplacementBudget budget = new ReplacementBudget(2, Duration.ofMinutes(10), clock());

    // Then
    assertThat(budget.take()).isTrue();
    now = now.plus(Duration.ofMinutes(6));
    assertThat(budget.take()).isTrue();
    assertThat(budget.take()).isFalse();
    now = now.plus(Duration.ofMinutes(5));
    assertThat(budget.take()).isTrue();
    assertThat(budget.take()).isFalse();
  }

  private Clock clock() {
    return new Clock() {
      @Override
      public Instant instant() {
        return now;
      }

      @Override
      public ZoneId getZone() {
        return ZoneOffset.UTC;
      }

      @Override
      public Clock withZone(ZoneId zone) {
        return this;
      }
    };
  }
}
