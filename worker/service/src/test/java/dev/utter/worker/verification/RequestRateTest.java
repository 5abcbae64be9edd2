package dev.utter.worker.verification;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;

final class RequestRateTest {
  private final AtomicReference<Instant> now =
      new AtomicReference<>(Instant.parse("2026-11-23T00:00:00Z"));
  private final RequestRate rate =
      new RequestRate(
          3,
          new Clock() {
            @Override
            public ZoneOffset getZone() {
              return ZoneOffset.UTC;
            }

            @Override
            public Clock withZone(java.time.ZoneId zone) {
              return this;
            }

            @Override
            public Instant instant() {
              return now.get();
            }
          });

  @Test
  void aMinutesNumberIsAllowedAtOnceAndThenEvenly() {
    assertThat(taken()).isEqualTo(3);

    pass(Duration.ofSeconds(19));
    assertThat(taken()).isZero();

    pass(Duration.ofSeconds(2));
    assertThat(taken()).isEqualTo(1);
  }

  @Test
  void aLongPauseGivesNoMoreThanAMinutesNumber() {
    pass(Duration.ofDays(1));

    assertThat(taken()).isEqualTo(3);
  }

  @Test
  void aClockThatIsSetBackAllowsNothingForIt() {
    assertThat(taken()).isEqualTo(3);

    pass(Duration.ofHours(-1));

    assertThat(taken()).isZero();
    pass(Duration.ofSeconds(21));
    assertThat(taken()).isEqualTo(1);
  }

  private int taken() {
    int taken = 0;
    while (rate.allows()) {
      rate.count();
      taken++;
    }
    return taken;
  }

  private void pass(Duration time) {
    now.updateAndGet(instant -> instant.plus(time));
  }
}
