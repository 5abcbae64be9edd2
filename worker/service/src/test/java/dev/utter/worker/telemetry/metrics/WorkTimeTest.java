package dev.utter.worker.telemetry.metrics;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.utter.worker.telemetry.MetricsFormat;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;

class WorkTimeTest {
  private long nanos;
  private final WorkTime work = new WorkTime(() -> nanos);

  @Test
  void clipsThatAreMadeAtTheSameTimeShareIt() {
    // When
    work.making(4);
    pass(Duration.ofSeconds(8));
    for (int i = 0; i < 4; i++) {
      work.made();
    }
    work.making(0);
    pass(Duration.ofHours(1));

    // Then
    assertThat(work.secondsFor(10)).isCloseTo(20, within(0.1));
    assertThat(work.secondsFor(0)).isZero();
  }

  @Test
  void aBacklogIsSecondsBeforeTheFirstClipAndMoreAsItTakesLonger() {
    // When
    double before = work.secondsFor(10);
    work.making(1);
    pass(Duration.ofSeconds(60));

    // Then
    assertThat(before).isEqualTo(50);
    assertThat(work.secondsFor(10)).isCloseTo(600, within(1.0));
  }

  @Test
  void theFigureFollowsWhatTheWorkerDoesNow() {
    // Given
    work.making(1);
    make(60, Duration.ofSeconds(60));

    // When
    make(600, Duration.ofSeconds(6));

    // Then
    assertThat(work.secondsFor(1)).isBetween(6.0, 7.0);
  }

  @Test
  void theMetersSayWhatWasBuiltAndHowLongABacklogTakes() {
    try (WorkerMetrics metrics = new WorkerMetrics("w")) {
      // When
      metrics.intake(taken -> {}).backlog("utter.work.bulk", 3);

      // Then
      List<String> lines = metrics.scrape(MetricsFormat.TEXT).lines().toList();
      assertThat(lines)
          .contains("utter_backlog_seconds{lane=\"utter.work.bulk\",worker=\"w\"} 15.0")
          .anyMatch(
              line ->
                  line.matches(
                      "utter_build_info\\{commit=\"\\w+\",java=\"[0-9.]+\",libtorch=\"[0-9.]+\","
                          + "version=\"[0-9][^\"$]*\",worker=\"w\"} 1(\\.0)?"));
    }
  }

  private void make(int count, Duration each) {
    for (int i = 0; i < count; i++) {
      pass(each);
      work.made();
    }
  }

  private void pass(Duration time) {
    nanos += time.toNanos();
  }
}
