package dev.utter.worker.avro;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

class PatienceTest {
  private final AtomicLong nanos = new AtomicLong();
  private final Patience patience = new Patience(Duration.ofSeconds(30), nanos::get);

  @Test
  void oneKeyIsRequestedAgainUntilTheLimit() {
    assertThat(patience.asksAgain("a")).isTrue();
    pass(Duration.ofSeconds(29));
    assertThat(patience.asksAgain("a")).isTrue();
    pass(Duration.ofSeconds(2));
    assertThat(patience.asksAgain("a")).isFalse();
  }

  @Test
  void everNewKeysAreWaitedForATenthOfTheTime() {
    // When
    Duration waited = Duration.ZERO;
    for (int key = 0; key < 1000; key++) {
      while (patience.asksAgain(key)) {
        pass(Duration.ofMillis(100));
        waited = waited.plusMillis(100);
      }
      pass(Duration.ofSeconds(1));
    }

    // Then
    Duration all = Duration.ofNanos(nanos.get());
    assertThat(waited).isLessThan(Duration.ofSeconds(60).plus(all.dividedBy(5)));
  }

  @Test
  void aKeyThatArrivesLateUsesOnlyTheTimeItTook() {
    // Given
    patience.asksAgain("a");
    pass(Duration.ofSeconds(1));
    patience.end("a");

    // When
    patience.asksAgain("b");
    pass(Duration.ofSeconds(28));

    // Then
    assertThat(patience.asksAgain("b")).isTrue();
  }

  @Test
  void theAllowanceIsCompleteAgainAfterFiveMinutes() {
    // Given
    patience.asksAgain("a");
    pass(Duration.ofSeconds(31));
    assertThat(patience.asksAgain("a")).isFalse();
    assertThat(patience.asksAgain("b")).isFalse();

    // When
    pass(Duration.ofMinutes(5));

    // Then
    assertThat(patience.asksAgain("c")).isTrue();
    pass(Duration.ofSeconds(29));
    assertThat(patience.asksAgain("c")).isTrue();
  }

  private void pass(Duration time) {
    nanos.addAndGet(time.toNanos());
  }
}
