package dev.utter.speech.watermark;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;
import org.junit.jupiter.api.Test;

final class MessageCodeTest {
  private static final byte[] BYTES = {(byte) 212, (byte) 211, (byte) 146, 56, (byte) 201};
  private static final int[] SYMBOLS = {
    4, 2, 2, 1, 4, 2, 1, 4, 3, 2, 1, 3, 1, 4, 3, 1, 4, 1, 3, 2, 0
  };

  @Test
  void everyByteIsFourSymbolsAndTheEndIsZero() {
    assertThat(MessageCode.symbols(BYTES))
        .containsExactly(Arrays.stream(SYMBOLS).asLongStream().toArray());
  }

  @Test
  void aMessageIsReadWhereverItsFirstFrameIs() {
    for (int rotation = 0; rotation < 21; rotation++) {
      MessageCode.Reading reading = read(frames(63, rotation));

      assertThat(reading.message().orElseThrow().bytes()).isEqualTo(BYTES);
      assertThat(reading.confidence()).isEqualTo(1);
      assertThat(reading.repeats()).isEqualTo(3);
    }
  }

  @Test
  void aMinorityIsOutvotedAndLowersTheConfidence() {
    int[] frames = frames(63, 0);
    frames[0] = 1;
    frames[22] = 3;

    MessageCode.Reading reading = read(frames);

    assertThat(reading.message().orElseThrow().bytes()).isEqualTo(BYTES);
    assertThat(reading.confidence()).isEqualTo(61f / 63);
  }

  @Test
  void aTieGoesToTheSmallerSymbol() {
    int[] frames = frames(42, 0);
    frames[0] = 3;

    assertThat(read(frames).message().orElseThrow().bytes()[0]).isEqualTo((byte) (212 - 64));
  }

  @Test
  void aCutLastRepeatDoesNotCount() {
    int[] frames = frames(41, 0);
    Arrays.fill(frames, 21, 41, 2);

    assertThat(read(frames).confidence()).isEqualTo(1);
    assertThat(read(frames).repeats()).isEqualTo(1);
  }

  @Test
  void withoutOneTerminatorThereIsNoMessage() {
    int[] none = frames(21, 0);
    none[20] = 1;
    int[] two = frames(21, 0);
    two[3] = 0;

    assertThat(read(none).message()).isEmpty();
    assertThat(read(two).message()).isEmpty();
  }

  @Test
  void theWeakestSymbolIsTheOneThatRepetitionsDisagreeAbout() {
    int[] frames = frames(63, 0);
    frames[19] = 1;
    frames[40] = 1;
    MessageCode.Message damaged = read(frames).message().orElseThrow();

    assertThat(damaged.bytes()).isNotEqualTo(BYTES);
    assertThat(damaged.weakest()).isEqualTo(2f / 3);
    assertThat(read(frames(63, 0)).message().orElseThrow().weakest()).isEqualTo(1);
  }

  private static MessageCode.Reading read(int[] frames) {
    return MessageCode.read(frames, 5, 21);
  }

  private static int[] frames(int count, int rotation) {
    int[] frames = new int[count];
    for (int i = 0; i < count; i++) {
      frames[i] = SYMBOLS[(i + rotation) % 21];
    }
    return frames;
  }
}
