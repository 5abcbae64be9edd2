package dev.utter.speech.watermark;

import static org.assertj.core.api.Assertions.assertThat;

import dev.utter.speech.audio.AudioClip;
import dev.utter.speech.audio.WatermarkReference;
import dev.utter.speech.torch.EngineSettings;
import dev.utter.speech.torch.NativeMemory;
import dev.utter.speech.torch.TorchEngine;
import dev.utter.speech.watermark.Detection.Outcome;
import dev.utter.speech.watermark.network.HyperParameters;
import dev.utter.speech.watermark.network.LookPrecision;
import dev.utter.speech.watermark.network.Noise;
import dev.utter.speech.watermark.network.PassPriority;
import dev.utter.speech.watermark.network.ReducedLooks;
import dev.utter.speech.watermark.network.WatermarkNetworks;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.Map;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** Cheap first looks, reduced and at parts of long clips, change no verdict. */
final class FirstLooksTest {
  private static final long OWNERS = NativeMemory.openOwners();
  private static final WatermarkKey KEY = WatermarkKey.PUBLIC_DEMO;
  private static final WatermarkKey OTHER = WatermarkKey.parse("other", "0102030405");
  private static final KeyRing RING = KeyRing.of(KEY);
  private static final int RATE = 24_000;
  private static final int SHORT_CLIPS = 460;
  private static final int LONG_CLIPS = 60;

  private static final AtomicLong READ = new AtomicLong();

  private static HyperParameters numbers;
  private static WatermarkNetworks networks;
  private static Watermark marking;
  private static Detector quick;
  private static Detector thorough;

  @BeforeAll
  static void load() {
    TorchEngine engine = TorchEngine.start(EngineSettings.defaults().withThreads(1));
    networks = ReducedLooks.load(engine, WatermarkReference.FOLDER);
    numbers = networks.numbers();
    marking = Watermark.load(engine, WatermarkReference.FOLDER, WatermarkSettings.DEFAULT);
    quick = new Detector(FirstLooksTest::read, numbers, WatermarkSettings.DEFAULT, true);
    thorough = new Detector(FirstLooksTest::read, numbers, WatermarkSettings.DEFAULT, false);
  }

  @AfterAll
  static void close() {
    marking.close();
    networks.close();
    assertThat(NativeMemory.openOwners()).isEqualTo(OWNERS);
  }

  private static int[] read(float[] samples, LookPrecision precision) {
    READ.addAndGet(samples.length);
    return networks.symbols(samples, precision, PassPriority.NORMAL);
  }

  /** Speech of this length, from another place of the recordings for each number. */
  private static AudioClip speech(int number, int samples) {
    float[] source = WatermarkReference.clip("utterance_" + number % 2 + ".input").samples();
    float[] clip = new float[samples];
    int from = number * 7919 % source.length;
    for (int i = 0; i < samples; i++) {
      clip[i] = source[(from + i) % source.length];
    }
    return new AudioClip(clip, RATE);
  }

  /** Marked, marked with another key, not marked, marked and cut; some with noise over them. */
  private static AudioClip clip(int number, int samples) {
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

  private static AudioClip cut(AudioClip clip, int number) {
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

  /** Takes minutes. */
  @Test
  @Tag("integration")
  void theVerdictsOfShortAndLongClipsAreThoseOfTheSearch() {
    Map<Outcome, Integer> outcomes = new EnumMap<>(Outcome.class);
    for (int number = 0; number < SHORT_CLIPS + LONG_CLIPS; number++) {
      // Given
      boolean isLong = number >= SHORT_CLIPS;
      int samples =
          isLong ? RATE * 13 + (number - SHORT_CLIPS) * 997 : 16_000 + number * 61 % 30_000;
      AudioClip clip = clip(number, samples);

      // When
      Detection searched = thorough.search(clip, RING);
      Detection found = quick.detect(clip, RING);

      // Then
      assertThat(found.outcome())
          .as("clip %d of %d samples: %s", number, samples, searched)
          .isEqualTo(searched.outcome());
      assertThat(found.keyId()).isEqualTo(searched.keyId());
      outcomes.merge(found.outcome(), 1, Integer::sum);
    }
    for (Outcome outcome : Outcome.values()) {
      assertThat(outcomes.getOrDefault(outcome, 0)).as("%s", outcome).isGreaterThan(20);
    }
  }

  @Test
  void ofALongMarkedClipOnePartIsRead() {
    // Given
    AudioClip clip = marking.embed(speech(1, RATE * 40), KEY);
    READ.set(0);

    // When
    Detection found = quick.detect(clip, RING);

    // Then
    assertThat(found.matches()).isTrue();
    assertThat(READ.get()).isEqualTo(8L * numbers.sampleRate());
  }

  @Test
  void aLongClipWhoseBeginningIsNotMarkedIsSearched() {
    // Given
    AudioClip marked = marking.embed(speech(1, RATE * 20), KEY);
    float[] samples = marked.samples();
    System.arraycopy(speech(1, RATE * 8).samples(), 0, samples, 0, RATE * 8);

    // When
    Detection found = quick.detect(new AudioClip(samples, RATE), RING);
    Detection searched = thorough.search(new AudioClip(samples, RATE), RING);

    // Then
    assertThat(found.outcome()).isEqualTo(searched.outcome());
  }
}
