package dev.utter.speech.csm;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import dev.utter.speech.torch.EngineSettings;
import dev.utter.speech.torch.TorchEngine;
import dev.utter.speech.torch.TorchProgram;
import java.util.Arrays;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** The noise and the draw alone. Entries past the codec's six are never chosen. */
class SamplingTest {

  private static final int CODEBOOKS = 4;
  private static final int VOCABULARY = 9;
  private static final int USABLE = 6;
  private static final int DRAWS = 20_000;

  private static TorchEngine engine;
  private static TorchProgram program;

  @BeforeAll
  static void load() {
    engine = TorchEngine.start(EngineSettings.defaults().withThreads(1));
    program = TorchProgram.load(engine, "sampling");
    try (NDManager scope = engine.newScope()) {
      program.run(scope, "open", CODEBOOKS, USABLE, scope.ones(new Shape(1)));
    }
  }

  @AfterAll
  static void close() {
    program.close();
  }

  @Test
  void noiseIsThatOfThePlainSampler() {
    try (NDManager scope = engine.newScope()) {
      // Given
      long[] seeds = {0, -1, Long.MIN_VALUE, 1234567890123456789L};

      // When
      float[] noise = noise(scope, seeds, new long[] {0, 1, 999, 2047}).toFloatArray();

      // Then
      int[] frames = {0, 1, 999, 2047};
      for (int i = 0; i < noise.length; i++) {
        int slot = i / (CODEBOOKS * USABLE);
        double expected =
            PlainSampler.exponential(seeds[slot], frames[slot], i / USABLE % CODEBOOKS, i % USABLE);
        assertThat((double) noise[i]).isCloseTo(expected, within(1e-6 * Math.max(1, expected)));
      }
    }
  }

  @Test
  void noiseIsExponential() {
    try (NDManager scope = engine.newScope()) {
      // Given
      long[] seeds = new long[DRAWS];
      long[] frames = new long[DRAWS];
      Arrays.setAll(seeds, i -> i % 100);
      Arrays.setAll(frames, i -> i / 100);

      // When
      float[] noise = noise(scope, seeds, frames).toFloatArray();

      // Then
      double mean = mean(noise, 1);
      assertThat(mean).isCloseTo(1, within(0.01));
      assertThat(mean(noise, 2) - mean * mean).isCloseTo(1, within(0.03));
      assertThat(noise).doesNotContain(0f);
      // Neighbours in entry and in frame have nothing to do with each other.
      assertThat(correlation(noise, 1)).isCloseTo(0, within(0.01));
      assertThat(correlation(noise, CODEBOOKS * USABLE * 100)).isCloseTo(0, within(0.01));
    }
  }

  @Test
  void codesComeAsOftenAsTheirProbabilities() {
    // Given
    double[] logits = {1, 0, -1, 2, 0.5, -3, 9, 9, 9};

    // When
    double[] all = frequencies(logits, 2, USABLE);
    double[] three = frequencies(logits, 2, 3);

    // Then
    double[] expected = PlainTransformer.softmax(new double[] {0.5, 0, -0.5, 1, 0.25, -1.5});
    double[] expectedThree = PlainTransformer.softmax(new double[] {0.5, 1, 0.25});
    assertThat(all).containsExactly(expected, within(0.012));
    assertThat(three)
        .containsExactly(
            new double[] {expectedThree[0], 0, 0, expectedThree[1], expectedThree[2], 0},
            within(0.012));
  }

  @Test
  void codesTiedWithTheLastOfTheTopKStayInTheDraw() {
    double[] frequencies = frequencies(new double[] {1, 3, 1, 1, 0, 0, 9, 9, 9}, 1, 2);

    assertThat(frequencies[0]).isPositive();
    assertThat(frequencies[2]).isPositive();
    assertThat(frequencies[3]).isPositive();
    assertThat(frequencies[4] + frequencies[5]).isZero();
  }

  @Test
  void aGreedySlotAmongSamplingOnesTakesTheFirstOfTheMostProbable() {
    try (NDManager scope = engine.newScope()) {
      // Given
      NDArray logits =
          scope.create(
              new float[] {0, 5, 5, 5, 0, 0, 9, 9, 9, 0, 5, 5, 5, 0, 0, 9, 9, 9}, new Shape(2, 9));

      for (int frame = 0; frame < 50; frame++) {
        // When
        long[] codes = sample(scope, logits, new long[] {frame, frame}, new long[] {1, 6}, 1);

        // Then
        assertThat(codes[0]).isEqualTo(1);
        assertThat(codes[1]).isBetween(0L, USABLE - 1L);
      }
    }
  }

  private static double[] frequencies(double[] logits, double temperature, int topK) {
    double[] counts = new double[USABLE];
    try (NDManager scope = engine.newScope()) {
      float[] rows = new float[DRAWS * VOCABULARY];
      for (int i = 0; i < rows.length; i++) {
        rows[i] = (float) logits[i % VOCABULARY];
      }
      long[] seeds = new long[DRAWS];
      Arrays.setAll(seeds, i -> i);
      long[] widths = new long[DRAWS];
      Arrays.fill(widths, topK);
      NDArray table = scope.create(rows, new Shape(DRAWS, VOCABULARY));
      for (long code : sample(scope, table, seeds, widths, temperature)) {
        counts[(int) code] += 1.0 / DRAWS;
      }
    }
    return counts;
  }

  private static NDArray noise(NDManager scope, long[] seeds, long[] frames) {
    return program
        .run(scope, "noise", scope.create(seeds), scope.create(frames))
        .singletonOrThrow();
  }

  /** Codes of the third codebook, each row with its seed and top-k. */
  private static long[] sample(
      NDManager scope, NDArray logits, long[] seeds, long[] topK, double temperature) {
    NDArray widths = scope.create(topK, new Shape(topK.length, 1));
    long maxTopK = Arrays.stream(topK).max().orElseThrow();
    return program
        .run(scope, "sample", logits, scope.create(seeds), widths, temperature, 2, maxTopK)
        .singletonOrThrow()
        .toLongArray();
  }

  private static double mean(float[] values, int power) {
    double sum = 0;
    for (float value : values) {
      sum += Math.pow(value, power);
    }
    return sum / values.length;
  }

  private static double correlation(float[] values, int distance) {
    double sum = 0;
    for (int i = distance; i < values.length; i++) {
      sum += (values[i] - 1) * (values[i - distance] - 1);
    }
    return sum / (values.length - distance);
  }
}
