package dev.utter.speech.watermark;

import static org.assertj.core.api.Assertions.assertThat;

import dev.utter.speech.audio.AudioClip;
import dev.utter.speech.audio.WatermarkReference;
import dev.utter.speech.watermark.Detection.Outcome;
import dev.utter.speech.watermark.network.HyperParameters;
import java.util.Arrays;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * An attacker who makes clips of any symbols and sees the verdicts learns nothing about the key,
 * and matches it only by chance. The networks are left out: the clips are those of a perfect
 * attacker.
 */
final class VerdictSecrecyTest {
  private static final int PLACES = 20;
  private static final HyperParameters NUMBERS =
      HyperParameters.read(WatermarkReference.FOLDER.resolve("hparams.yaml"));
  private static final AudioClip CLIP = noise();

  @ParameterizedTest
  @ValueSource(ints = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10})
  void theVerdictDoesNotDependOnTheKeyUnlessItMatches(int seed) {
    // Given: majorities of 61 % at all places, and one of 26 %: right or wrong, place by place
    Random random = new Random(seed);
    WatermarkKey key = key(random);
    long[] expected = MessageCode.symbols(key.bytes());
    for (int place = 0; place < PLACES; place++) {
      int[] wrongEverywhere = new int[PLACES];
      Arrays.setAll(wrongEverywhere, i -> (int) expected[i] % 4 + 1);
      int[] rightInOne = wrongEverywhere.clone();
      rightInOne[place] = (int) expected[place];

      // When
      Detection wrong = verdict(crafted(wrongEverywhere, place, random), key);
      Detection right = verdict(crafted(rightInOne, place, random), key);

      // Then
      assertThat(right).isEqualTo(wrong);
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10})
  void aClipThatAgreesWithManyKeysMatchesNone(int seed) {
    // Given: nine symbols right, which one in 262,144 guesses is; the others equally frequent
    Random random = new Random(seed);
    WatermarkKey key = key(random);
    long[] expected = MessageCode.symbols(key.bytes());
    int repeats = 24;
    int[] frames =
        frames(repeats, (place, repeat) -> place < 9 ? (int) expected[place] : repeat % 4 + 1);

    // Then
    assertThat(verdict(frames, key).outcome()).isNotEqualTo(Outcome.MATCH);
    assertThat(verdict(frames(repeats, (place, repeat) -> (int) expected[place]), key).outcome())
        .isEqualTo(Outcome.MATCH);
  }

  private interface Symbols {
    int at(int place, int repeat);
  }

  private static int[] crafted(int[] majority, int weak, Random random) {
    int repeats = 100;
    int other = random.nextInt(3);
    return frames(
        repeats,
        (place, repeat) ->
            repeat < (place == weak ? 26 : 61)
                ? majority[place]
                : (majority[place] + (repeat + other) % 3) % 4 + 1);
  }

  private static int[] frames(int repeats, Symbols symbols) {
    return IntStream.range(0, repeats * (PLACES + 1))
        .map(i -> i % (PLACES + 1) == PLACES ? 0 : symbols.at(i % (PLACES + 1), i / (PLACES + 1)))
        .toArray();
  }

  private static Detection verdict(int[] frames, WatermarkKey key) {
    return new Detector((samples, precision) -> frames, NUMBERS, WatermarkSettings.DEFAULT, false)
        .detect(CLIP, KeyRing.of(key));
  }

  private static WatermarkKey key(Random random) {
    byte[] bytes = new byte[WatermarkKey.LENGTH];
    random.nextBytes(bytes);
    return new WatermarkKey("secret", bytes);
  }

  private static AudioClip noise() {
    Random random = new Random(0);
    float[] samples = new float[48_000];
    for (int i = 0; i < samples.length; i++) {
      samples[i] = (float) random.nextGaussian() / 10;
    }
    return new AudioClip(samples, 24_000);
  }
}
