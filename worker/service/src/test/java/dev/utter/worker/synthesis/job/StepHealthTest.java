package dev.utter.worker.synthesis.job;

import static org.assertj.core.api.Assertions.assertThat;

import dev.utter.worker.intake.TestingDeliveries;
import dev.utter.worker.synthesis.TestingClock;
import java.time.Duration;
import java.time.Instant;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

class StepHealthTest {
  private static final Duration LIMIT = Duration.ofMinutes(5);

  private final TestingClock clock = new TestingClock(Instant.EPOCH);
  private final AtomicLong ticker = new AtomicLong(Long.MAX_VALUE - 1);
  private final AtomicInteger probes = new AtomicInteger();
  private final AtomicBoolean storeAnswers = new AtomicBoolean(true);
  private final StepHealth health =
      new StepHealth(this::probe, Duration.ofSeconds(30), clock, ticker::get);
  private final Job one = new Job(TestingDeliveries.delivery("lane", 0), Instant.EPOCH);
  private final Job other = new Job(TestingDeliveries.delivery("lane", 0), Instant.EPOCH);

  private boolean probe() {
    probes.incrementAndGet();
    return storeAnswers.get();
  }

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
  void aStepThatHasEndedIsNotHungHoweverLongNoOtherBegins() {
    // Given
    health.began(JobStep.MARKING);
    health.ended(JobStep.MARKING);

    // When
    ticker.addAndGet(LIMIT.multipliedBy(2).toNanos());

    // Then
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

  @Test
  void aStepThatEndsNowAndThenIsNotHung() {
    // Given: one that hangs, and another that ends beside it
    health.began(JobStep.MARKING);
    health.began(JobStep.MARKING);
    ticker.addAndGet(LIMIT.toNanos());
    health.ended(JobStep.MARKING);

    // When
    ticker.addAndGet(LIMIT.toNanos());
    boolean before = health.hung(LIMIT).isPresent();
    health.began(JobStep.MARKING);
    ticker.addAndGet(1);

    // Then
    assertThat(before).isFalse();
    assertThat(health.hung(LIMIT)).hasValue("marking has stood still for 300 s");
  }

  @Test
  void aStepThatFailsForAllIsTroubleFromTheThirdFailureOnUntilItSucceeds() {
    // When
    fail(one, 1);
    clock.advance(Duration.ofSeconds(1));
    fail(other, 1);
    boolean before = health.trouble().isPresent() || health.isOutage();
    fail(one, 2);

    // Then
    assertThat(before).isFalse();
    assertThat(health.trouble()).hasValue("storage fails since 1970-01-01T00:00:00Z: away");
    assertThat(health.isOutage()).isTrue();
    health.succeeded(JobStep.STORAGE);
    assertThat(health.trouble()).isEmpty();
    assertThat(health.isOutage()).isFalse();
  }

  @Test
  void aStepThatFailsForOneJobIsNoOutageAndNoTroubleIfTheStoreAnswersOthers() {
    // Given
    for (int i = 1; i <= 3; i++) {
      fail(one, i);
    }
    assertThat(health.isOutage()).isFalse();
    assertThat(health.trouble()).isPresent();

    // When
    boolean served = health.servesOthers(JobStep.STORAGE, Instant.EPOCH, true);

    // Then
    assertThat(served).isTrue();
    assertThat(health.trouble()).isEmpty();
  }

  @Test
  void troubleThatDidNotOccurForLongIsOver() {
    // Given
    for (int i = 1; i <= 3; i++) {
      fail(one, i);
    }

    // When: two pauses and a minute
    clock.advance(Duration.ofSeconds(120).minusNanos(1));
    boolean before = health.trouble().isPresent();
    clock.advance(Duration.ofNanos(1));

    // Then
    assertThat(before).isTrue();
    assertThat(health.trouble()).isEmpty();
  }

  @Test
  void othersAreServedIfTheStepSucceededSinceOrTheStoreAnswersWhereNoOtherJobTried() {
    // Given
    clock.advance(Duration.ofSeconds(10));
    fail(one, 1);
    Instant since = clock.instant();

    // Then: only the store is asked, and only about failures of the store
    assertThat(health.servesOthers(JobStep.STORAGE, since, false)).isFalse();
    assertThat(probes).hasValue(0);
    assertThat(health.servesOthers(JobStep.STORAGE, since, true)).isTrue();

    // When
    clock.advance(Duration.ofSeconds(1));
    health.succeeded(JobStep.STORAGE);

    // Then
    assertThat(health.servesOthers(JobStep.STORAGE, since, false)).isTrue();
    assertThat(probes).hasValue(1);
  }

  @Test
  void theStoreIsNotProbedWhereTheStepFailsForOthersToo() {
    // Given
    fail(one, 1);
    Instant since = clock.instant();
    clock.advance(Duration.ofSeconds(1));
    fail(other, 1);
    clock.advance(Duration.ofSeconds(1));
    fail(one, 2);

    // Then
    assertThat(health.servesOthers(JobStep.STORAGE, since, true)).isFalse();
    assertThat(probes).hasValue(0);
  }

  @Test
  void theStoreIsProbedEveryHalfMinute() {
    // Given
    fail(one, 1);
    health.servesOthers(JobStep.STORAGE, Instant.EPOCH, true);

    // When
    clock.advance(Duration.ofSeconds(30).minusNanos(1));
    boolean remembered = health.servesOthers(JobStep.STORAGE, Instant.EPOCH, true);
    int before = probes.get();
    clock.advance(Duration.ofNanos(1));
    health.servesOthers(JobStep.STORAGE, Instant.EPOCH, true);

    // Then
    assertThat(remembered).isTrue();
    assertThat(before).isEqualTo(1);
    assertThat(probes).hasValue(2);
  }

  @Test
  void nobodyIsServedByAStoreThatDoesNotAnswer() {
    // Given
    storeAnswers.set(false);
    for (int i = 1; i <= 3; i++) {
      fail(one, i);
    }

    // When
    boolean probed = health.servesOthers(JobStep.STORAGE, Instant.EPOCH, true);
    boolean remembered = health.servesOthers(JobStep.STORAGE, Instant.EPOCH, true);

    // Then
    assertThat(probed).isFalse();
    assertThat(remembered).isFalse();
    assertThat(probes).hasValue(1);
    assertThat(health.trouble()).isPresent();
  }

  private void fail(Job job, int failures) {
    health.failed(JobStep.STORAGE, job, failures, true, "away");
  }
}
