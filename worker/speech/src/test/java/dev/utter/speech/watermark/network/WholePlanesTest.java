package dev.utter.speech.watermark.network;

import static dev.utter.speech.audio.WatermarkReference.floats;
import static dev.utter.speech.audio.WatermarkReference.largestDifference;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

import dev.utter.speech.audio.WatermarkReference;
import dev.utter.speech.torch.EngineSettings;
import dev.utter.speech.torch.NativeMemory;
import dev.utter.speech.torch.TorchEngine;
import dev.utter.speech.watermark.network.Convolution.Algorithm;
import java.util.Arrays;
import java.util.Optional;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

/** Blocks, one plane for all layers and Winograd's convolution change no number that matters. */
final class WholePlanesTest {
  private static final long OWNERS = NativeMemory.openOwners();
  private static final double SAMPLES = 2e-7;
  private static final double LOGITS = 2e-3;
  private static final double RATIO = Math.pow(10, 36 / 20.);
  private static final long[] MESSAGE = Symbols.of(PublishedSizes.NUMBERS);

  private static TorchEngine engine;
  private static HyperParameters numbers;
  private static WatermarkTensors tensors;

  @BeforeAll
  static void read() {
    engine = TorchEngine.start(EngineSettings.defaults().withThreads(1));
    numbers = HyperParameters.read(WatermarkReference.FOLDER.resolve("hparams.yaml"));
    tensors = WatermarkTensors.read(WatermarkReference.FOLDER, numbers);
  }

  @AfterAll
  static void nothingLeaks() {
    assertThat(NativeMemory.openOwners()).isEqualTo(OWNERS);
  }

  @ParameterizedTest
  @EnumSource(Algorithm.class)
  void clipsOfSpeechComeOutTheSame(Algorithm algorithm) {
    try (WatermarkNetworks fast = load(tensors, numbers, algorithm);
        WholePlanes slow = WholePlanes.load(engine, tensors, numbers)) {
      for (String name : new String[] {"utterance_0", "utterance_1", "codec"}) {
        float[] clip = floats(name + ".resampled");
        assertSame(fast, slow, Loudness.scale(clip, Loudness.gain(clip)));
      }
    }
  }

  @ParameterizedTest
  @CsvSource({
    "NNPACK, 1",
    "NNPACK, 1023",
    "NNPACK, 9999",
    "NNPACK, 400000",
    "OPERATORS, 1",
    "OPERATORS, 1023",
    "OPERATORS, 1024",
    "OPERATORS, 9999",
    "OPERATORS, 40000",
    "OPERATORS, 400000"
  })
  void anyLengthComesOutTheSame(Algorithm algorithm, int samples) {
    try (WatermarkNetworks fast = load(tensors, numbers, algorithm);
        WholePlanes slow = WholePlanes.load(engine, tensors, numbers)) {
      assertSame(fast, slow, Noise.speechLike(samples, samples));
    }
  }

  @ParameterizedTest
  @EnumSource(Algorithm.class)
  void aClipThatIsMostlySilentComesOutTheSame(Algorithm algorithm) {
    try (WatermarkNetworks fast = load(tensors, numbers, algorithm);
        WholePlanes slow = WholePlanes.load(engine, tensors, numbers)) {
      float[] clip = Arrays.copyOf(Noise.speechLike(3, 30_000), 120_000);
      assertSame(fast, slow, Loudness.scale(clip, Loudness.gain(clip)));
    }
  }

  @ParameterizedTest
  @EnumSource(Algorithm.class)
  void networksOfTheRealSizeComeOutTheSame(Algorithm algorithm) {
    WatermarkTensors real = PublishedSizes.tensors(1);
    try (WatermarkNetworks fast = load(real, PublishedSizes.NUMBERS, algorithm);
        WholePlanes slow = WholePlanes.load(engine, real, PublishedSizes.NUMBERS)) {
      assertSame(fast, slow, Noise.speechLike(5, 50_000));
    }
  }

  private static WatermarkNetworks load(
      WatermarkTensors tensors, HyperParameters numbers, Algorithm algorithm) {
    if (algorithm == Algorithm.OPERATORS) {
      assumeThat(engine.hasCpuOperators()).as("CPU operators").isTrue();
    }
    return WatermarkNetworks.load(
        engine, tensors, numbers, new Convolution(algorithm, Optional.empty()));
  }

  private static void assertSame(WatermarkNetworks fast, WholePlanes slow, float[] clip) {
    float[] marked = slow.embed(clip, MESSAGE, RATIO);
    float[] logits = slow.logits(marked);

    assertThat(largestDifference(fast.embed(clip, MESSAGE, RATIO, PassPriority.BULK), marked))
        .isLessThan(SAMPLES);
    assertThat(
            largestDifference(fast.logits(marked, LookPrecision.EXACT, PassPriority.BULK), logits))
        .isLessThan(LOGITS);
  }
}
