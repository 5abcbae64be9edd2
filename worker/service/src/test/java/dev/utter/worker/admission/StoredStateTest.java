package dev.utter.worker.admission;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Instant;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** Bytes that a worker of commit fef8d390 wrote into the state stores of admission. */
class StoredStateTest {
  private static final Instant TIME = Instant.parse("2026-11-23T00:00:00Z");
  private static final Fingerprint CONTENT = new Fingerprint(counted());

  @Test
  void anIdThatAnEarlierVersionTookStaysTaken() {
    // When
    RequestEntry entry =
        RequestEntry.fromBytes(
            bytes(
                "0203000001a205b3d000000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f"
                    + "067465616d2d61056f74686572"));

    // Then
    assertThat(entry)
        .isEqualTo(
            new RequestEntry(
                Optional.of(CONTENT), TIME, Optional.of("team-a"), List.of("other"), false));
  }

  @Test
  void aCancellationThatAnEarlierVersionKeptCounts() {
    // When
    RequestEntry entry = RequestEntry.fromBytes(bytes("0200000001a205b3d000067465616d2d61"));

    // Then
    assertThat(entry)
        .isEqualTo(
            new RequestEntry(Optional.empty(), TIME, Optional.empty(), List.of("team-a"), false));
  }

  /** For a rollback: what this version writes is what that one wrote. */
  @Test
  void whatIsWrittenNowIsWhatAnEarlierVersionReads() {
    RequestEntry taken =
        RequestEntry.seen(TIME).withCancellation("other").takenBy("team-a", CONTENT);

    assertThat(HexFormat.of().formatHex(taken.toBytes()))
        .isEqualTo(
            "0203000001a205b3d000000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f"
                + "067465616d2d61056f74686572");
    assertThat(taken.asDeadLetter().toBytes())
        .as("only a flag that it ignores is added")
        .isEqualTo(
            bytes(
                "0207000001a205b3d000000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f"
                    + "067465616d2d61056f74686572"));
  }

  @Test
  void theUsageOfAPublisherIsKept() {
    // Given
    String stored = "01000660e646648000000660e6467b6360000660e646edd440000660e646648007";

    // When
    PublisherUsage usage = PublisherUsage.fromBytes(bytes(stored));

    // Then
    assertThat(usage)
        .isEqualTo(
            new PublisherUsage(
                TIME, TIME.plusMillis(1500), TIME.plusSeconds(9), TIME.plusNanos(7000)));
    assertThat(HexFormat.of().formatHex(usage.toBytes())).isEqualTo(stored);
  }

  private static byte[] counted() {
    byte[] counted = new byte[32];
    IntStream.range(0, counted.length).forEach(i -> counted[i] = (byte) i);
    return counted;
  }

  private static byte[] bytes(String hex) {
    return HexFormat.of().parseHex(hex);
  }
}
