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
  void aWindowAllowsItsNumberOfReplacementsRegardlessOfCommits() {
    // Given
    ReplacementBudget budget = new ReplacementBudget(2, Duration.ofMinutes(10), clock());

    // Then
    assertThat(budget.take(true)).isTrue();
    now = now.plus(Duration.ofMinutes(6));
    assertThat(budget.take(true)).isTrue();
    assertThat(budget.take(true)).isFalse();
    now = now.plus(Duration.ofMinutes(5));
    assertThat(budget.take(true)).isTrue();
    assertThat(budget.take(true)).isFalse();
  }

  @Test
  void failuresWithoutACommitBetweenThemUseUpTheBudgetAtAnyPace() {
    // Given
    ReplacementBudget budget = new ReplacementBudget(3, Duration.ofMinutes(10), clock());

    // Then
    for (int i = 0; i < 3; i++) {
      assertThat(budget.take(false)).isTrue();
      now = now.plus(Duration.ofHours(1));
    }
    assertThat(budget.take(false)).isFalse();
  }

  @Test
  void aCommitBetweenTwoFailuresStartsTheCountAnew() {
    // Given
    ReplacementBudget budget = new ReplacementBudget(2, Duration.ofMinutes(10), clock());
    for (int i = 0; i < 2; i++) {
      budget.take(false);
      now = now.plus(Duration.ofHours(1));
    }

    // Then
    assertThat(budget.take(true)).isTrue();
    now = now.plus(Duration.ofHours(1));
    assertThat(budget.take(false)).isTrue();
    now = now.plus(Duration.ofHours(1));
    assertThat(budget.take(false)).isFalse();
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
