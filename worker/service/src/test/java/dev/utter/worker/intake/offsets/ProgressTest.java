package dev.utter.worker.intake.offsets;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Arrays;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ProgressTest {

  @Test
  void readsAsDocumented() {
    // Given
    Progress progress = Progress.decode("utter1:aF12Ub");

    // When
    String text = progress.encode();

    // Then
    assertThat(text).isEqualTo("utter1:aF12Ub");
    assertThat(progress.state(0)).isEqualTo((byte) 1);
    assertThat(IntStream.rangeClosed(1, 12).map(progress::state))
        .allMatch(state -> state == Progress.FINISHED);
    assertThat(progress.state(13)).isEqualTo(Progress.UNTOUCHED);
    assertThat(progress.state(14)).isEqualTo((byte) 2);
    assertThat(progress.state(15)).isEqualTo(Progress.UNTOUCHED);
    assertThat(progress.state(-1)).isEqualTo(Progress.UNTOUCHED);
  }

  /**
   * Metadata as a worker of commit fef8d390 committed it, with start markers in it. A change of the
   * form would make old and new workers refuse each other's partitions.
   */
  @Test
  void readsAndWritesWhatEarlierVersionsCommitted() {
    byte[] some = {1, -1, -1, -1, 0, 0, 26, -1, 2};
    byte[] full = new byte[Progress.MAX_SPAN];
    Arrays.fill(full, Progress.FINISHED);
    full[0] = 3;
    full[Progress.MAX_SPAN - 1] = 5;

    assertThat(Progress.decode("utter1:aF3U2zFb")).isEqualTo(Progress.of(some));
    assertThat(Progress.of(some).encode()).isEqualTo("utter1:aF3U2zFb");
    assertThat(Progress.decode("utter1:cF3998e")).isEqualTo(Progress.of(full));
    assertThat(Progress.of(full).encode()).isEqualTo("utter1:cF3998e");
  }

  @Test
  void isEmptyWhenThereIsNothingToDescribe() {
    // When
    String text = Progress.of(new byte[500]).encode();

    // Then
    assertThat(text).isEmpty();
    assertThat(Progress.decode(text)).isEqualTo(Progress.NONE);
  }

  @Test
  void describesAsManyOffsetsAsFitAndNoMore() {
    // Given
    String longest = "utter1:F" + (Progress.MAX_SPAN - 1) + "a";

    // Then
    assertThat(Progress.decode(longest).span()).isEqualTo(Progress.MAX_SPAN);
    assertThat(Progress.decode("utter1:F" + Progress.MAX_SPAN).span()).isEqualTo(Progress.MAX_SPAN);
    assertThatThrownBy(() -> Progress.decode(longest + "a"))
        .isInstanceOf(UnreadableProgressException.class);
    assertThatThrownBy(() -> Progress.decode("utter1:F10000"))
        .isInstanceOf(UnreadableProgressException.class);
  }

  @Test
  void isAValue() {
    // Given
    Progress progress = Progress.decode("utter1:aF");

    // Then
    assertThat(progress)
        .isEqualTo(Progress.of(new byte[] {1, Progress.FINISHED, 0}))
        .hasSameHashCodeAs(Progress.of(new byte[] {1, Progress.FINISHED, 0}))
        .isNotEqualTo(Progress.decode("utter1:bF"))
        .isNotEqualTo("utter1:aF");
    assertThat(progress.hashCode()).isNotEqualTo(Progress.decode("utter1:bF").hashCode());
  }

  @Test
  void survivesTheRoundTripForRandomHistories() {
    // Given
    Random random = new Random(20261123);
    for (int round = 0; round < 2000; round++) {
      byte[] states = randomStates(random);
      Progress progress = Progress.of(states);

      // When
      Progress read = Progress.decode(progress.encode());

      // Then
      assertThat(read).isEqualTo(progress);
      for (int index = 0; index < states.length; index++) {
        assertThat(read.state(index)).isEqualTo(states[index]);
      }
    }
  }

  @Test
  void fitsTheBrokersBoundInTheWorstCase() {
    // Given
    Random random = new Random(7);
    byte[] alternating = new byte[Progress.MAX_SPAN];
    byte[] noise = new byte[Progress.MAX_SPAN];
    byte[] pairs = new byte[Progress.MAX_SPAN];
    for (int i = 0; i < Progress.MAX_SPAN; i++) {
      alternating[i] = i % 2 == 0 ? Progress.FINISHED : 1;
      noise[i] = (byte) (random.nextInt(Progress.MAX_STARTS + 2) - 1);
      pairs[i] = (byte) (i / 2 % 2 + 1);
    }

    // When
    int longest = IntStream.of(bytes(alternating), bytes(noise), bytes(pairs)).max().getAsInt();

    // Then
    assertThat(bytes(alternating)).isEqualTo("utter1:".length() + Progress.MAX_SPAN);
    assertThat(longest).isLessThanOrEqualTo(Progress.MAX_BYTES);
  }

  @Test
  void neverTakesMoreCharactersThanOffsets() {
    for (int run = 1; run <= Progress.MAX_SPAN; run++) {
      // Given
      byte[] states = new byte[run];
      java.util.Arrays.fill(states, Progress.FINISHED);

      // When
      int characters = Progress.of(states).encode().length() - "utter1:".length();

      // Then
      assertThat(characters).isLessThanOrEqualTo(run);
    }
  }

  @Test
  void refusesMoreThanItCanDescribe() {
    // Given
    byte[] states = new byte[Progress.MAX_SPAN + 1];
    states[Progress.MAX_SPAN] = 1;

    // Then
    assertThatIllegalArgumentException()
        .isThrownBy(() -> Progress.of(states))
        .withMessageContaining("4001");
  }

  @Test
  void countsNoFurtherThanItsLastLetter() {
    // When
    String text = Progress.of(new byte[] {27, 100}).encode();

    // Then
    assertThat(text).isEqualTo("utter1:zz");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "NO_METADATA",
        "{\"flink\":1}",
        "utter",
        "utter:aa",
        "utterly1:a",
        "\u0000\u00ff\n",
        " utter1:a"
      })
  void treatsMetadataOfAnotherToolAsNone(String metadata) {
    // When
    Progress progress = Progress.decode(metadata);

    // Then
    assertThat(progress).isEqualTo(Progress.NONE);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "utter2:aF",
        "utter10:anything at all\n",
        "utter0:",
        "utter1:A",
        "utter1:a-1",
        "utter1:5",
        "utter1:F0",
        "utter1:F01",
        "utter1:F4001",
        "utter1:F99999999999",
        "utter1:F3999a2"
      })
  void refusesWhatItCannotUnderstand(String metadata) {
    // Then
    assertThatThrownBy(() -> Progress.decode(metadata))
        .isInstanceOf(UnreadableProgressException.class)
        .hasMessageContaining(metadata.substring(0, 7));
  }

  @Test
  void readsNoMetadataAsNone() {
    // When
    Progress progress = Progress.decode(null);

    // Then
    assertThat(progress).isEqualTo(Progress.NONE);
  }

  private static int bytes(byte[] states) {
    return Progress.of(states).encode().getBytes(UTF_8).length;
  }

  private static byte[] randomStates(Random random) {
    byte[] states = new byte[random.nextInt(300)];
    byte state = 0;
    int stay = 1 + random.nextInt(20);
    for (int i = 0; i < states.length; i++) {
      if (random.nextInt(stay) == 0) {
        state = (byte) (random.nextInt(6) - 1);
      }
      states[i] = state;
    }
    return states;
  }
}
