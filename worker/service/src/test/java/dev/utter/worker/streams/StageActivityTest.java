package dev.utter.worker.streams;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

class StageActivityTest {
  private final AtomicLong nanos = new AtomicLong();
  private final StageActivity activity = new StageActivity(nanos::get);

  @Test
  void aRecordThatDoesNotEndGrowsOld() {
    // Given
    activity.begin(Duration.ZERO);

    // When
    nanos.addAndGet(Duration.ofMinutes(11).toNanos());

    // Then
    assertThat(activity.longestStandstill()).isEqualTo(Duration.ofMinutes(11));
    assertThat(activity.sinceLastRecord()).isEqualTo(Duration.ofMinutes(11));
  }

  @Test
  void progressWithARecordEndsItsStandstill() throws Exception {
    // Given
    activity.begin(Duration.ZERO);
    Runnable progress = activity.progressOfThisThread();
    nanos.addAndGet(Duration.ofMinutes(9).toNanos());

    // When
    Thread other = new Thread(progress);
    other.start();
    other.join();
    nanos.addAndGet(Duration.ofMinutes(2).toNanos());

    // Then
    assertThat(activity.longestStandstill()).isEqualTo(Duration.ofMinutes(2));
    assertThat(activity.sinceLastRecord()).isEqualTo(Duration.ofMinutes(11));
  }

  @Test
  void progressAfterARecordMeansNothing() {
    // Given
    activity.begin(Duration.ZERO);
    Runnable progress = activity.progressOfThisThread();
    activity.end();

    // When
    progress.run();
    nanos.addAndGet(Duration.ofMinutes(2).toNanos());

    // Then
    assertThat(activity.longestStandstill()).isZero();
  }

  @Test
  void theOldestRecordUnderWayTellsHowFarTheStageIsBehind() {
    // Given
    activity.begin(Duration.ofMinutes(40));

    // When
    nanos.addAndGet(Duration.ofMinutes(3).toNanos());
    activity.progressOfThisThread().run();
    Duration meanwhile = activity.behind();
    activity.end();

    // Then
    assertThat(meanwhile).isEqualTo(Duration.ofMinutes(43));
    assertThat(activity.behind()).isZero();
  }

  @Test
  void aRecordFromTheFutureIsNew() {
    // Given
    activity.begin(Duration.ofDays(-9));

    // When
    nanos.addAndGet(Duration.ofMinutes(1).toNanos());

    // Then
    assertThat(activity.behind()).isEqualTo(Duration.ofMinutes(1));
  }

  @Test
  void theSlowestOfSeveralThreadsCounts() throws Exception {
    // Given
    activity.begin(Duration.ZERO);
    nanos.addAndGet(Duration.ofSeconds(5).toNanos());
    Thread other =
        new Thread(
            () -> {
              activity.begin(Duration.ZERO);
              activity.end();
              activity.begin(Duration.ZERO);
            });
    other.start();
    other.join();
    nanos.addAndGet(Duration.ofSeconds(2).toNanos());

    // Then
    assertThat(activity.longestStandstill()).isEqualTo(Duration.ofSeconds(7));
    assertThat(activity.sinceLastRecord()).isEqualTo(Duration.ofSeconds(2));
  }

  @Test
  void aStageWithoutRecordsIsAtNone() {
    // Given
    activity.begin(Duration.ZERO);
    activity.end();

    // When
    nanos.addAndGet(Duration.ofHours(1).toNanos());

    // Then
    assertThat(activity.longestStandstill()).isZero();
    assertThat(activity.sinceLastRecord()).isEqualTo(Duration.ofHours(1));
  }
}
