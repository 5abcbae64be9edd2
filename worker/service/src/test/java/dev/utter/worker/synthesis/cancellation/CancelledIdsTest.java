package dev.utter.worker.synthesis.cancellation;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;

import dev.utter.worker.publisher.PublisherKey;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class CancelledIdsTest implements CancellationListener {
  private static final Instant NOW = Instant.parse("2026-01-01T00:00:00Z");
  private static final Duration WEEK = Duration.ofDays(7);

  /** An id of ten characters takes 160 bytes. */
  private static final int SIZE = 160;

  private final List<String> reports = new ArrayList<>();
  private final CancelledIds ids = new CancelledIds(new CancellationMemory(3 * SIZE, WEEK), this);

  @Override
  public void cancellations(int count, long bytes) {
    reports.add(count + " ids, " + bytes + " bytes");
  }

  @Override
  public void cancellationForgotten() {
    reports.add("forgotten");
  }

  private boolean add(String id, Instant at, Instant now) {
    return ids.add(id, PublisherKey.NONE, at, now);
  }

  private boolean contains(String id, Instant now) {
    return ids.contains(id, PublisherKey.NONE, now);
  }

  @Test
  void asManyFitAsThereIsMemoryForAndThenTheFirstIsForgotten() {
    // When
    for (int i = 0; i < 3; i++) {
      add("0123456-" + i + "0", NOW, NOW);
    }
    List<String> before = List.copyOf(reports);
    add("0123456-30", NOW, NOW);

    // Then
    assertThat(before).containsExactly("1 ids, 160 bytes", "2 ids, 320 bytes", "3 ids, 480 bytes");
    assertThat(reports).endsWith("forgotten", "3 ids, 480 bytes");
    assertThat(contains("0123456-00", NOW)).isFalse();
    assertThat(contains("0123456-10", NOW)).isTrue();
  }

  @Test
  void anIdThatIsCancelledAgainTakesItsMemoryOnce() {
    // When
    add("0123456-00", NOW, NOW);
    add("0123456-00", NOW.plusSeconds(1), NOW.plusSeconds(1));

    // Then
    assertThat(reports).containsExactly("1 ids, 160 bytes", "1 ids, 160 bytes");
    assertThat(contains("0123456-00", NOW.plus(WEEK).plusSeconds(1))).isTrue();
  }

  @Test
  void anIdIsKnownForItsWholeRetentionAndNoLonger() {
    // Given
    add("0123456-00", NOW, NOW);

    // Then
    assertThat(contains("0123456-00", NOW.plus(WEEK))).isTrue();
    assertThat(contains("0123456-00", NOW.plus(WEEK).plusNanos(1))).isFalse();
    assertThat(add("0123456-10", NOW, NOW.plus(WEEK).plusNanos(1))).isFalse();
    assertThat(add("0123456-10", NOW, NOW.plus(WEEK))).isTrue();
  }

  @Test
  void anIdPastItsRetentionIsDroppedWithItsMemory() {
    // Given
    add("0123456-00", NOW, NOW);

    // When
    add("0123456-10", NOW.plus(WEEK).plusNanos(1), NOW.plus(WEEK).plusNanos(1));

    // Then
    assertThat(reports).endsWith("1 ids, 160 bytes").doesNotContain("forgotten");
  }

  @Test
  void aCancellationCountsForItsOwnPublisher() {
    // When
    ids.add("a", "team", NOW, NOW);

    // Then
    assertThat(ids.contains("a", "team", NOW)).isTrue();
    assertThat(ids.contains("a", "other", NOW)).isFalse();
    assertThat(contains("a", NOW)).isFalse();
  }

  @Test
  void onlyAKeyThatIsARequestIdIsRead() {
    assertThat(CancelledIds.id("ok-1".getBytes(US_ASCII))).contains("ok-1");
    assertThat(CancelledIds.id("k".repeat(128).getBytes(US_ASCII))).isPresent();
    assertThat(CancelledIds.id("k".repeat(129).getBytes(US_ASCII))).isEmpty();
    assertThat(CancelledIds.id("no id".getBytes(US_ASCII))).isEmpty();
    assertThat(CancelledIds.id(null)).isEmpty();
  }
}
