package dev.utter.speech.watermark;

import static org.assertj.core.api.Assertions.assertThat;

import dev.utter.speech.audio.AudioClip;
import dev.utter.speech.audio.WatermarkReference;
import dev.utter.speech.watermark.Detection.Outcome;
import dev.utter.speech.watermark.network.HyperParameters;
import dev.utter.speech.watermark.network.Noise;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** A part decides about a clip only if no symbol of it is tied. The networks are left out. */
final class TiedPartsTest {
  private static final WatermarkKey KEY = WatermarkKey.PUBLIC_DEMO;
  private static final int REPEATS = 10;
  private static final HyperParameters NUMBERS =
      HyperParameters.read(WatermarkReference.FOLDER.resolve("hparams.yaml"));
  private static final AudioClip CLIP =
      new AudioClip(
          Noise.speechLike(1, REPEATS * NUMBERS.messageLength() * NUMBERS.hop()),
          NUMBERS.sampleRate());

  @Test
  void aPartWithATiedSymbolIsNotDecisive() {
    // Given: the first symbol of the part is the key's as often as another one
    Detector detector = detector(2);

    // Then
    assertThat(detector.detect(CLIP, KeyRing.of(KEY)).outcome()).isEqualTo(Outcome.OTHER_KEY);
  }

  @Test
  void aPartWithoutATieIsDecisive() {
    // Given
    Detector detector = detector(1);

    // Then
    assertThat(detector.detect(CLIP, KeyRing.of(KEY)).outcome()).isEqualTo(Outcome.MATCH);
  }

  /** The whole clip has another first symbol than the key; of the parts only some repeats have. */
  private static Detector detector(int wrongRepeatsOfAPart) {
    return new Detector(
        (samples, precision) ->
            samples.length < CLIP.samples().length - NUMBERS.hop()
                ? frames(5, wrongRepeatsOfAPart)
                : frames(REPEATS, REPEATS),
        NUMBERS,
        WatermarkSettings.DEFAULT,
        false);
  }

  /** Some repeats have another first symbol; where two have, a third has a different one. */
  private static int[] frames(int repeats, int wrong) {
    long[] message = MessageCode.symbols(KEY.bytes());
    int right = (int) message[0];
    int[] frames =
        IntStream.range(0, repeats * message.length)
            .map(i -> (int) message[i % message.length])
            .toArray();
    for (int repeat = 0; repeat < wrong; repeat++) {
      frames[repeat * message.length] = right % 4 + 1;
    }
    if (wrong == 2) {
      frames[2 * message.length] = (right + 1) % 4 + 1;
    }
    return frames;
  }
}
