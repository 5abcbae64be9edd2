package dev.utter.worker.streams;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.utter.worker.failure.RetryLaterException;
import dev.utter.worker.threads.Pause;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

class InPlaceRetryTest {
  private final List<Duration> pauses = new ArrayList<>();
  private final AtomicInteger calls = new AtomicInteger();

  @Test
  void aCallThatSucceedsInTheEndGivesItsResult() {
    // Given
    InPlaceRetry retry = new InPlaceRetry(Duration.ofSeconds(20), recording(true));

    // When
    int result = retry.call(() -> failUntil(4));

    // Then
    assertThat(result).isEqualTo(4);
    assertThat(pauses)
        .containsExactly(Duration.ofMillis(200), Duration.ofMillis(400), Duration.ofMillis(800));
  }

  @Test
  void thePausesStayWithinTheLimitAndTheLastFailureComesThrough() {
    // Given
    InPlaceRetry retry = new InPlaceRetry(Duration.ofSeconds(20), recording(true));

    // Then
    assertThatThrownBy(() -> retry.call(() -> failUntil(1_000)))
        .isInstanceOf(RetryLaterException.class)
        .hasMessage("try " + calls.get());
    assertThat(pauses.stream().reduce(Duration.ZERO, Duration::plus))
        .isBetween(Duration.ofSeconds(15), Duration.ofSeconds(20));
    assertThat(pauses).allMatch(pause -> pause.compareTo(Duration.ofSeconds(5)) <= 0);
  }

  @Test
  void aStoppingWorkerDoesNotWait() {
    // Given
    InPlaceRetry retry = new InPlaceRetry(Duration.ofSeconds(20), recording(false));

    // Then
    assertThatThrownBy(() -> retry.call(() -> failUntil(2)))
        .isInstanceOf(RetryLaterException.class);
    assertThat(pauses).hasSize(1);
  }

  @Test
  void aClosedPauseEndsAtOnce() {
    // Given
    Pause pause = new Pause();
    pause.close();

    // Then
    assertThat(pause.await(Duration.ofDays(1))).isFalse();
  }

  private int failUntil(int success) {
    if (calls.incrementAndGet() < success) {
      throw new RetryLaterException("try " + calls.get(), null);
    }
    return calls.get();
  }

  private Pause recording(boolean completes) {
    return new Pause() {
      @Override
      public boolean await(Duration time) {
        pauses.add(time);
        return completes;
      }
    };
  }
}
