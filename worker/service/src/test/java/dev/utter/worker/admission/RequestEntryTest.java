package dev.utter.worker.admission;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.utter.worker.failure.WorkerBrokenException;
import dev.utter.worker.publisher.PublisherKey;
import java.nio.ByteBuffer;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

class RequestEntryTest {
  private static final Instant SEEN = Instant.parse("2026-11-23T12:00:00.123Z");
  private static final Fingerprint CONTENT = Fingerprint.ofUnreadable(new byte[] {1});
  private static final String LONGEST = "p".repeat(PublisherKey.MAX_BYTES);

  static Stream<RequestEntry> entries() {
    RequestEntry seen = RequestEntry.seen(SEEN);
    RequestEntry taken = seen.takenBy("a", CONTENT);
    return Stream.of(
        seen,
        taken,
        taken.asDeadLetter(),
        seen.withCancellation("a"),
        taken.withCancellation("a").withCancellation("b"),
        new RequestEntry(Optional.of(CONTENT), SEEN, Optional.empty(), List.of(""), false));
  }

  @ParameterizedTest
  @MethodSource("entries")
  void anEntryIsTheSameAfterItWasStored(RequestEntry entry) {
    assertThat(RequestEntry.fromBytes(entry.toBytes())).isEqualTo(entry);
  }

  @Test
  void anEntryHoldsTheLongestKeysAndTheFirstFourPublishersThatCancelled() {
    // Given
    RequestEntry entry = RequestEntry.seen(SEEN).takenBy(LONGEST, CONTENT);

    // When
    for (int i = 0; i < 5; i++) {
      entry = entry.withCancellation(i + LONGEST.substring(1));
    }

    // Then
    assertThat(entry.cancelledBy())
        .extracting(key -> key.substring(0, 1))
        .containsExactly("0", "1", "2", "3");
    assertThat(RequestEntry.fromBytes(entry.toBytes())).isEqualTo(entry);
  }

  @Test
  void aCancellationThatComesTwiceIsKeptOnce() {
    assertThat(RequestEntry.seen(SEEN).withCancellation("a").withCancellation("a").cancelledBy())
        .containsExactly("a");
  }

  @Test
  void anIdThatIsTakenAnewIsNoDeadLetterAnyMoreAndKeepsItsCancellations() {
    // Given
    RequestEntry letter =
        RequestEntry.seen(SEEN).withCancellation("b").takenBy("a", CONTENT).asDeadLetter();

    // When
    RequestEntry again = letter.takenBy("a", Fingerprint.ofUnreadable(new byte[] {2}));

    // Then
    assertThat(again.deadLettered()).isFalse();
    assertThat(again.cancelledBy()).containsExactly("b");
    assertThat(letter.withCancellation("c").deadLettered()).isTrue();
  }

  static Stream<Arguments> unreadable() {
    return Stream.of(
        Arguments.of(new byte[0], "version none"),
        Arguments.of(new byte[] {2, 0, 0, 0, 0, 0, 0, 0, 0}, "version 2"),
        Arguments.of(new byte[] {0, 0, 0, 0, 0, 0, 0, 0, 0, 0}, "version 0"),
        Arguments.of(new byte[] {3, 0, 0, 0, 0, 0, 0, 0, 0, 0}, "version 3"));
  }

  @ParameterizedTest
  @MethodSource("unreadable")
  void anEntryThatThisWorkerCannotReadIsNotIgnored(byte[] entry, String version) {
    assertThatThrownBy(() -> RequestEntry.fromBytes(entry))
        .isInstanceOf(WorkerBrokenException.class)
        .hasMessageContaining(version)
        .hasMessageContaining("delete the store's changelog topic");
  }

  @Test
  void anEntryFromBeforePublishersWereDistinguishedIsReadWithoutItsContent() {
    // Given: version, not cancelled, time
    byte[] entry =
        ByteBuffer.allocate(10).put(new byte[] {1, 0}).putLong(SEEN.toEpochMilli()).array();

    // Then
    assertThat(RequestEntry.fromBytes(entry)).isEqualTo(RequestEntry.seen(SEEN));
  }
}
