package dev.utter.worker.admission;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.utter.worker.admission.PublisherUsage.Decision;
import dev.utter.worker.failure.WorkerBrokenException;
import dev.utter.worker.publisher.PublisherLimits;
import java.time.Duration;
import java.time.Instant;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class PublisherUsageTest {
  private static final Instant NOW = Instant.parse("2026-11-23T12:00:00Z");
  private static final PublisherLimits SIXTY = limits(60, 0);
  private PublisherUsage usage = PublisherUsage.NONE;

  @ParameterizedTest
  @ValueSource(ints = {7, 60, 10_000})
  void allowsTheRateOfTheLimitAndABurstOfOneMinute(int limit) {
    // When: three times as many as are allowed, for ten minutes
    int admitted = 0;
    long requests = 30L * limit;
    for (long i = 0; i < requests; i++) {
      Instant time = NOW.plusNanos(i * Duration.ofMinutes(10).toNanos() / requests);
      admitted += admits(limits(limit, 0), time, 1, time) ? 1 : 0;
    }

    // Then
    assertThat(admitted).isBetween(11 * limit - 1, 11 * limit + 1);
  }

  @Test
  void refusesNoneOfAPublisherThatKeepsItsLimit() {
    for (int i = 0; i < 600; i++) {
      Instant time = NOW.plusSeconds(i);
      assertThat(admits(SIXTY, time, 1, time)).isTrue();
    }
  }

  @Test
  void refusesNoneThatWaitedForAdmissionWhileTheirPublisherKeptItsLimit() {
    // Given: half an hour of requests that are read at once
    Instant now = NOW.plus(Duration.ofMinutes(30));

    // Then
    for (int i = 0; i < 1800; i++) {
      assertThat(admits(SIXTY, NOW.plusSeconds(i), 1, now)).isTrue();
    }
  }

  @Test
  void countsRequestsOfAPartitionThatIsBehindAsPublishedNow() {
    // Given
    admits(SIXTY, NOW, 1, NOW);

    // Then: two minutes late, and still only one more
    assertThat(admits(SIXTY, NOW.minusSeconds(120), 1, NOW)).isTrue();
    assertThat(usage.at()).isEqualTo(NOW);
  }

  @Test
  void gainsNoMoreThanAnHourFromTimesThatArePutBackAndNothingFromThoseToCome() {
    // When
    int back = 0;
    for (int i = 0; i < 20_000; i++) {
      back += admits(SIXTY, NOW.minus(Duration.ofHours(2)).plusMillis(500L * i), 1, NOW) ? 1 : 0;
    }
    int ahead = 0;
    for (int i = 0; i < 1000; i++) {
      ahead += admits(SIXTY, NOW.plusSeconds(60L * i), 1, NOW) ? 1 : 0;
    }

    // Then
    assertThat(back).isBetween(60 * 60, 61 * 60 + 1);
    assertThat(ahead).isZero();
  }

  @Test
  void admitsARequestThatIsLargerThanTheLimitWhenNothingElseIsUsed() {
    // Given
    PublisherLimits limits = limits(0, 10);

    // Then
    assertThat(admits(limits, NOW, 90_000, NOW)).isTrue();
    assertThat(admits(limits, NOW.plusSeconds(500), 1000, NOW.plusSeconds(500))).isTrue();
    assertThat(admits(limits, NOW.plusSeconds(500), 90_000, NOW.plusSeconds(500))).isFalse();
  }

  @Test
  void isTheSameAfterItWasStored() {
    // Given
    admits(limits(7, 11), NOW, 12_345, NOW);

    // Then
    PublisherUsage stored = PublisherUsage.fromBytes(usage.toBytes());
    assertThat(stored.at()).isEqualTo(usage.at());
    assertThat(Duration.between(stored.requestsUntil(), usage.requestsUntil()))
        .isLessThan(Duration.ofNanos(1000));
    assertThat(PublisherUsage.fromBytes(stored.toBytes())).isEqualTo(stored);
    assertThatThrownBy(() -> PublisherUsage.fromBytes(new byte[] {2, 0}))
        .isInstanceOf(WorkerBrokenException.class);
  }

  private boolean admits(
      PublisherLimits limits, Instant publishedAt, long audioMillis, Instant now) {
    Decision decision = usage.decide(limits, publishedAt, audioMillis, now);
    usage = decision.after();
    return decision.pause().isEmpty();
  }

  private static PublisherLimits limits(int requests, int audioSeconds) {
    return new PublisherLimits(requests, audioSeconds);
  }
}
