package dev.utter.speech.watermark;

import static org.assertj.core.api.Assertions.assertThat;

import dev.utter.speech.audio.AudioClip;
import dev.utter.speech.audio.WatermarkReference;
import dev.utter.speech.torch.EngineSettings;
import dev.utter.speech.torch.TorchEngine;
import dev.utter.speech.watermark.Detection.Outcome;
import dev.utter.speech.watermark.network.HyperParameters;
import dev.utter.speech.watermark.network.LookPrecision;
import dev.utter.speech.watermark.network.Noise;
import dev.utter.speech.watermark.network.PassPriority;
import dev.utter.speech.watermark.network.WatermarkNetworks;
import java.util.Arrays;
import java.util.concurrent.atomic.AtomicLong;

/**
 * The development networks with first looks and without, and clips to compare both by. First looks
 * are of the type that the processor is given: in 32 bit only the parts of a long clip are left of
 * them.
 */
final class FirstLooks implements AutoCloseable {
  static final WatermarkKey KEY = WatermarkKey.PUBLIC_DEMO;
  static final KeyRing RING = KeyRing.of(KEY);
  static final int RATE = 24_000;
  private static final WatermarkKey OTHER = WatermarkKey.parse("other", "0102030405");

  /** Detects with first looks. */
  final Detector quick;

  /** Searches in 32 bit. */
  final Detector thorough;

  /** Whether first looks are in fewer bits than 32. */
  final boolean areReduced;

  /** Samples that the networks have read. */
  final AtomicLong read = new AtomicLong();

  private final WatermarkNetworks networks;
  private final Watermark marking;

  FirstLooks() {
    TorchEngine engine = TorchEngine.start(EngineSettings.defaults().withThreads(1));
    networks = WatermarkNetworks.load(engine, WatermarkReference.FOLDER);
    areReduced = networks.reducible();
    marking = Watermark.load(engine, WatermarkReference.FOLDER, WatermarkSettings.DEFAULT);
    quick = new Detector(this::symbols, numbers(), WatermarkSettings.DEFAULT, true);
    thorough = new Detector(this::symbols, numbers(), WatermarkSettings.DEFAULT, false);
  }

  @Override
  public void close() {
    marking.close();
    networks.close();
  }

  /**
   * Detects and searches, and compares.
   *
   * @param number of the clip, which decides about its sound and its mark
   * @param samples its length
   */
  Outcome verdict(int number, int samples) {
    return verdict(clip(number, samples), "clip %d of %d samples".formatted(number, samples));
  }

  /** Detects in a clip and searches it, and compares. */
  Outcome verdict(AudioClip clip, String name) {
    // When
    Detection searched = thorough.search(clip, RING);
    Detection found = quick.detect(clip, RING);

    // Then
    assertThat(found.outcome()).as("%s: %s", name, searched).isEqualTo(searched.outcome());
    assertThat(found.keyId()).isEqualTo(searched.keyId());
    return found.outcome();
  }

  HyperParameters numbers() {
    return networks.numbers();
  }

  AudioClip marked(AudioClip clip) {
    return marked(clip, KEY);
  }

  AudioClip marked(AudioClip clip, WatermarkKey key) {
    return marking.embed(clip, key);
  }

  /** Samples at the networks' rate that hold this many repeats of the message. */
  long repeats(int count) {
    return (long) count * numbers().messageLength() * numbers().hop();
  }

  /** Speech that holds this many repeats of the message, and a little more. */
  AudioClip speechOf(int repeats, int number) {
    return speech(
        number, Math.toIntExact(repeats(repeats) * RATE / numbers().sampleRate()) + RATE / 100);
  }

  /** Speech of this length, from another place of the recordings for each number. */
  static AudioClip speech(int number, int samples) {
    float[] source = WatermarkReference.clip("utterance_" + number % 2 + ".input").samples();
    float[] clip = new float[samples];
    int from = number * 7919 % source.length;
    for (int i = 0; i < samples; i++) {
      clip[i] = source[(from + i) % source.length];
    }
    return new AudioClip(clip, RATE);
  }

  /** Marked, marked with another key, not marked, marked and cut; some with noise over them. */
  private AudioClip clip(int number, int samples) {
    AudioClip speech = speech(number, samples);
    AudioClip clip =
        switch (number % 4) {
          case 0 -> marking.embed(speech, KEY);
          case 1 -> marking.embed(speech, OTHER);
          case 2 -> speech;
          default -> cut(marking.embed(speech, KEY), number);
        };
    return number % 5 == 0 ? noisy(clip, number) : clip;
  }

  static AudioClip cut(AudioClip clip, int number) {
    return new AudioClip(
        Arrays.copyOfRange(clip.samples(), number * 31 % 1_500 + 1, clip.samples().length), RATE);
  }

  private static AudioClip noisy(AudioClip clip, int number) {
    float[] noise = Noise.speechLike(number, clip.samples().length);
    float[] samples = clip.samples().clone();
    for (int i = 0; i < samples.length; i++) {
      samples[i] += noise[i] * (number % 25) * 0.002f;
    }
    return new AudioClip(samples, RATE);
  }

  private int[] symbols(float[] samples, LookPrecision precision) {
    read.addAndGet(samples.length);
    return networks.symbols(samples, precision, PassPriority.NORMAL);
  }
}
