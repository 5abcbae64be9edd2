package dev.utter.speech.watermark;

import static org.assertj.core.api.Assertions.assertThat;

import dev.utter.speech.audio.AudioClip;
import dev.utter.speech.watermark.Detection.Outcome;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** First looks at a part of a clip do not mix up keys that differ in one symbol. */
@Tag("integration")
final class AlikeKeysTest {
  private static final int CLIPS = 40;

  @Test
  void aKeyThatDiffersInOneSymbolIsNotTakenForTheExpectedOne() {
    try (FirstLooks looks = new FirstLooks()) {
      for (int number = 0; number < CLIPS; number++) {
        // Given
        AudioClip marked = looks.marked(looks.speechOf(9 + number % 8, number), alike(number));
        AudioClip clip = number % 2 == 0 ? marked : FirstLooks.cut(marked, number);

        // Then
        assertThat(looks.verdict(clip, "alike " + number)).isNotEqualTo(Outcome.MATCH);
      }
    }
  }

  private static WatermarkKey alike(int number) {
    byte[] bytes = FirstLooks.KEY.bytes().clone();
    bytes[number % bytes.length] ^= (byte) (1 + number % 3 << 2 * (number / bytes.length % 4));
    return new WatermarkKey("alike", bytes);
  }
}
