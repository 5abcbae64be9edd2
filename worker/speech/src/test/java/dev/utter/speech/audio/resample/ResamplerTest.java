package dev.utter.speech.audio.resample;

import static dev.utter.speech.audio.WatermarkReference.clip;
import static dev.utter.speech.audio.WatermarkReference.floats;
import static dev.utter.speech.audio.WatermarkReference.largestDifference;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.utter.speech.audio.AudioClip;
import java.math.BigInteger;
import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

final class ResamplerTest {

  @ParameterizedTest
  @ValueSource(strings = {"utterance_0", "utterance_1", "codec"})
  void agreesWithTheReferenceUpwards(String name) {
    AudioClip resampled = Resampler.resample(clip(name + ".input"), 44_100);

    assertThat(resampled.sampleRate()).isEqualTo(44_100);
    assertThat(largestDifference(resampled.samples(), floats(name + ".resampled")))
        .isLessThan(1e-5);
  }

  @ParameterizedTest
  @ValueSource(strings = {"utterance_0", "utterance_1", "codec"})
  void agreesWithTheReferenceDownwards(String name) {
    AudioClip resampled = Resampler.resample(clip(name + ".embedded"), 24_000);

    float[] expected = floats(name + ".output");
    assertThat(resampled.samples().length - expected.length).isBetween(0, 1);
    assertThat(largestDifference(Arrays.copyOf(resampled.samples(), expected.length), expected))
        .isLessThan(1e-5);
  }

  @ParameterizedTest
  @CsvSource({
    "24000,44100,1000",
    "44100,24000,1000",
    "16000,24000,1",
    "48000,24000,777",
    "24000,48000,777",
    "8000,24000,50",
    "44101,24000,60",
    "1000,768000,3",
    "768000,1000,4000",
    "24000,23999,100"
  })
  void equalsItsReference(int from, int to, int length) {
    float[] input = noise(length);
    int divisor = BigInteger.valueOf(from).gcd(BigInteger.valueOf(to)).intValue();

    float[] fast = Resampler.resample(new AudioClip(input, from), to).samples();

    assertThat(
            largestDifference(fast, DenseResampler.resample(input, from / divisor, to / divisor)))
        .isLessThan(2e-6);
  }

  @ParameterizedTest
  @CsvSource({
    "24000,24000,70000",
    "44100,24000,100000",
    "16000,24000,1",
    "48000,24000,70001",
    "192000,24000,150000",
    "191999,24000,60000",
    "8000,24000,40000",
    "1000,24000,2000",
    "24000,44100,50000",
    "24000,24000,0"
  })
  void givesTheSameSamplesWhenTheyArriveOneByOne(int from, int to, int length) {
    AudioClip clip = new AudioClip(noise(length), from);
    SampleBuffer output = new SampleBuffer();
    StreamingResampler streaming = new StreamingResampler(from, to, output);

    for (float sample : clip.samples()) {
      streaming.add(sample);
    }
    streaming.finish();

    assertThat(output.drain()).isEqualTo(Resampler.resample(clip, to).samples());
  }

  @Test
  void leavesAClipOfTheSameRateAlone() {
    AudioClip clip = new AudioClip(noise(10), 24_000);

    assertThat(Resampler.resample(clip, 24_000)).isSameAs(clip);
  }

  @Test
  void keepsWholeFramesWhole() {
    AudioClip frames = new AudioClip(new float[1920 * 7], 24_000);

    AudioClip up = Resampler.resample(frames, 44_100);

    assertThat(up.samples()).hasSize(3528 * 7);
    assertThat(Resampler.resample(up, 24_000).samples()).hasSize(1920 * 7);
  }

  @Test
  void givesNoSamplesForNone() {
    assertThat(Resampler.resample(new AudioClip(new float[0], 24_000), 44_100).samples()).isEmpty();
  }

  @Test
  void refusesARateOfZero() {
    assertThatThrownBy(() -> Resampler.resample(new AudioClip(new float[1], 24_000), 0))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("rate is 0");
  }

  private static float[] noise(int length) {
    Random random = new Random(7);
    float[] samples = new float[length];
    for (int i = 0; i < length; i++) {
      samples[i] = random.nextFloat() * 2 - 1;
    }
    return samples;
  }
}
