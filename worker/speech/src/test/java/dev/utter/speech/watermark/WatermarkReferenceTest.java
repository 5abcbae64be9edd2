package dev.utter.speech.watermark;

import static dev.utter.speech.audio.WatermarkReference.clip;
import static dev.utter.speech.audio.WatermarkReference.floats;
import static dev.utter.speech.audio.WatermarkReference.largestDifference;
import static org.assertj.core.api.Assertions.assertThat;

import dev.utter.speech.audio.AudioClip;
import dev.utter.speech.audio.WatermarkReference;
import dev.utter.speech.torch.EngineSettings;
import dev.utter.speech.torch.NativeMemory;
import dev.utter.speech.torch.TorchEngine;
import dev.utter.speech.watermark.network.HyperParameters;
import dev.utter.speech.watermark.network.LookPrecision;
import dev.utter.speech.watermark.network.Loudness;
import dev.utter.speech.watermark.network.PassPriority;
import dev.utter.speech.watermark.network.WatermarkNetworks;
import java.util.OptionalDouble;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Compares with the numbers the original program gave for the development network. */
final class WatermarkReferenceTest {
  private static final long OWNERS = NativeMemory.openOwners();
  private static TorchEngine engine;
  private static HyperParameters numbers;
  private static WatermarkNetworks networks;

  @BeforeAll
  static void load() {
    engine = TorchEngine.start(EngineSettings.defaults().withThreads(1));
    networks = WatermarkNetworks.load(engine, WatermarkReference.FOLDER);
    numbers = networks.numbers();
  }

  @AfterAll
  static void close() {
    networks.close();
    assertThat(NativeMemory.openOwners()).isEqualTo(OWNERS);
  }

  @ParameterizedTest
  @ValueSource(strings = {"utterance_0", "utterance_1", "codec"})
  void marksAtTheNetworksRateLikeTheReference(String name) {
    AudioClip resampled = clip(name + ".resampled");

    assertThat(
            largestDifference(mark(resampled, OptionalDouble.empty()), floats(name + ".embedded")))
        .isLessThan(1e-4);
    assertThat(
            largestDifference(mark(resampled, OptionalDouble.of(36)), floats(name + ".embedded36")))
        .isLessThan(1e-4);
  }

  @ParameterizedTest
  @ValueSource(strings = {"utterance_0", "utterance_1", "codec"})
  void marksAtTheClipsRateLikeTheReference(String name) {
    try (Watermark watermark =
        Watermark.load(engine, WatermarkReference.FOLDER, WatermarkSettings.DEFAULT)) {
      AudioClip marked = watermark.embed(clip(name + ".input"), WatermarkKey.PUBLIC_DEMO);

      assertThat(marked.sampleRate()).isEqualTo(24_000);
      assertThat(largestDifference(marked.samples(), floats(name + ".output"))).isLessThan(1e-4);
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"utterance_0", "utterance_1", "codec"})
  void decodesLikeTheReference(String name) {
    float[] samples = floats(name + ".embedded");
    float[] normalised = Loudness.scale(samples, Loudness.gain(samples));
    float[] expected = floats(name + ".logits");

    float[] logits = networks.logits(normalised, LookPrecision.EXACT, PassPriority.NORMAL);

    assertThat(largestDifference(logits, expected)).isLessThan(1e-2);
    assertThat(networks.symbols(normalised, LookPrecision.EXACT, PassPriority.NORMAL))
        .isEqualTo(strongest(expected));
    MessageCode.Reading reading =
        MessageCode.read(strongest(expected), numbers.symbols(), numbers.messageLength());
    assertThat(reading.confidence()).isBetween(0.825f, 0.955f);
    assertThat(reading.message().orElseThrow().bytes()).isEqualTo(WatermarkKey.PUBLIC_DEMO.bytes());
  }

  @Test
  void countsFramesLikeTheTransform() {
    for (int length : new int[] {1, 1023, 1024, 1025, 4000}) {
      float[] samples = new float[length];
      samples[0] = 0.5f;

      assertThat(networks.symbols(samples, LookPrecision.EXACT, PassPriority.NORMAL))
          .hasSize(numbers.frames(length));
    }
  }

  private static float[] mark(AudioClip clip, OptionalDouble strength) {
    WatermarkSettings settings = new WatermarkSettings(strength, 0.6f, 3);
    try (Watermark watermark = Watermark.load(engine, WatermarkReference.FOLDER, settings)) {
      return watermark.embed(clip, WatermarkKey.PUBLIC_DEMO).samples();
    }
  }

  private static int[] strongest(float[] logits) {
    int frames = logits.length / numbers.symbols();
    int[] symbols = new int[frames];
    for (int frame = 0; frame < frames; frame++) {
      for (int symbol = 0; symbol < numbers.symbols(); symbol++) {
        if (logits[symbol * frames + frame] > logits[symbols[frame] * frames + frame]) {
          symbols[frame] = symbol;
        }
      }
    }
    return symbols;
  }
}
