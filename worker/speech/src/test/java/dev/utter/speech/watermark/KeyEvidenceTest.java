package dev.utter.speech.watermark;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.Test;

final class KeyEvidenceTest {
  private static final byte[] KEY = WatermarkKey.PUBLIC_DEMO.bytes();

  @Test
  void aLittleMoreThanOneMessageWithoutErrorIsProof() {
    KeyEvidence evidence = KeyEvidence.of(frames(23, 13, 0), KEY, 5);

    assertThat(evidence.agreeing()).isEqualTo(23);
    assertThat(evidence.differing()).isZero();
    assertThat(evidence.isOverwhelming()).isTrue();
    assertThat(KeyEvidence.of(frames(21, 13, 0), KEY, 5).isOverwhelming()).isFalse();
  }

  @Test
  void aClipThatFavoursAKeysSymbolsProvesNothing() {
    byte[] monotonous = {0, 0, 0, 0, 1};
    int[] frames = new int[2100];
    Arrays.fill(frames, 1);

    KeyEvidence evidence = KeyEvidence.of(frames, monotonous, 5);

    assertThat(evidence.share()).isGreaterThan(0.9f);
    assertThat(evidence.isOverwhelming()).isFalse();
  }

  @Test
  void errorsTakeMoreFramesToBeOutweighed() {
    assertThat(KeyEvidence.of(frames(21, 0, 2), KEY, 5).isOverwhelming()).isFalse();
    assertThat(KeyEvidence.of(frames(40, 0, 2), KEY, 5).isOverwhelming()).isTrue();
    assertThat(KeyEvidence.of(frames(42, 0, 10), KEY, 5).isOverwhelming()).isFalse();
    assertThat(KeyEvidence.of(frames(105, 0, 25), KEY, 5).isOverwhelming()).isTrue();
  }

  @Test
  void chanceProvesNothing() {
    Random random = new Random(1);
    for (int i = 0; i < 10_000; i++) {
      int[] frames = random.ints(21 + random.nextInt(200), 0, 5).toArray();

      assertThat(KeyEvidence.of(frames, KEY, 5).isOverwhelming()).isFalse();
    }
  }

  @Test
  void majoritiesAgainstTheKeyAreCounted() {
    int[] frames = frames(63, 0, 0);
    frames[0] = 0;
    frames[21] = 0;
    frames[42] = 0;
    frames[1] = 0;
    frames[22] = 0;

    KeyEvidence evidence = KeyEvidence.of(frames, KEY, 5);

    assertThat(evidence.agreeing()).isEqualTo(58);
    assertThat(evidence.differing()).isEqualTo(2);
    assertThat(evidence.votesAgainst()).isEqualTo(3 + 1);
  }

  @Test
  void aSymbolThatIsAsFrequentAsTheKeysIsATie() {
    int[] frames = frames(84, 0, 0);
    frames[0] = 0;
    frames[21] = 0;
    frames[1] = 0;

    KeyEvidence evidence = KeyEvidence.of(frames, KEY, 5);

    assertThat(evidence.differing()).isZero();
    assertThat(evidence.tied()).isEqualTo(1);
  }

  private static int[] frames(int count, int rotation, int errors) {
    long[] message = MessageCode.symbols(KEY);
    int[] frames = new int[count];
    for (int i = 0; i < count; i++) {
      int symbol = (int) message[(i + rotation) % message.length];
      frames[i] = i < errors ? (symbol + 1) % 5 : symbol;
    }
    return frames;
  }
}
