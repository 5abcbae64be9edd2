package dev.utter.worker;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.time.ZoneOffset;
import org.junit.jupiter.api.Test;

class NameWatchTest {
  private Instant now = Instant.parse("2026-01-01T00:00:00Z");
  private final NameWatch watch = new NameWatch("worker-1", new SetClock());

  @Test
  void nothingIsReportedWhileNoOtherWorkerHasTheName() {
    assertThat(watch.waitingFor()).isEmpty();
  }

  @Test
  void anotherWorkerOfTheNameIsReportedUntilItIsQuiet() {
    // When
    watch.taken("utter-synthesis-worker-1");

    // Then
    now = now.plusSeconds(100);
    assertThat(watch.waitingFor())
        .hasValueSatisfying(
            why ->
                assertThat(why)
                    .contains("worker.name is \"worker-1\"", "utter-synthesis-worker-1"));

    // When
    now = now.plus(Duration.ofSeconds(30));

    // Then
    assertThat(watch.waitingFor()).isEmpty();
  }

  private final class SetClock extends Clock {
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
  }
}
