package dev.utter.speech.csm;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;
import static org.assertj.core.api.Assumptions.assumeThat;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import dev.utter.speech.csm.matrix.MatrixKernel;
import dev.utter.speech.csm.matrix.MatrixPlan;
import dev.utter.speech.csm.matrix.MatrixStorage;
import dev.utter.speech.torch.CpuOperators;
import dev.utter.speech.torch.EngineSettings;
import dev.utter.speech.torch.TorchEngine;
import dev.utter.speech.torch.TorchProgram;
import java.util.Arrays;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** How matrices are rounded to 4 bit. */
class Int4Test {

  private static final int OUT = 64;
  private static final int IN = 96;

  private static final long[] BY_4 =
      MatrixPlan.of(MatrixStorage.CPU_INT4, MatrixKernel.CPU_INT4).codes();

  private static TorchEngine engine;
  private static TorchProgram calling;

  @BeforeAll
  static void load() {
    engine = TorchEngine.start(EngineSettings.defaults().withThreads(1));
    assumeThat(engine.hasCpuOperators())
        .as("a C++ compiler when this was built and a processor with AVX2 or of Arm")
        .isTrue();
    calling = TorchProgram.load(engine, "calling", CpuOperators.replacements(true), Map.of());
  }

  @AfterAll
  static void close() {
    if (calling != null) {
      calling.close();
    }
  }

  @Test
  void searchedScalesHaveAFifthLessErrorThanThoseOfTheLargestWeight() {
    // Given
    float[] w = normal(1, OUT * IN);
    float[] same = constant(1);

    // When
    double searched = error(w, packed(w, same), same);

    // Then
    assertThat(searched).isLessThan(0.8 * error(w, plainlyRounded(w), same));
  }

  @Test
  void anImportantInputIsRoundedBetter() {
    // Given
    float[] w = normal(1, OUT * IN);
    float[] importance = constant(0.01f);
    for (int i = 0; i < IN; i += 4) {
      importance[i] = 1;
    }

    // When
    double aware = error(w, packed(w, importance), importance);

    // Then
    assertThat(aware).isLessThan(0.85 * error(w, packed(w, constant(1)), importance));
  }

  @Test
  void weightsThatAreZeroOrEqualAreExact() {
    // Given
    float[] w = new float[OUT * IN];
    Arrays.fill(w, IN, 2 * IN, -3.5f);
    Arrays.fill(w, 2 * IN, 2 * IN + 32, 1e-3f);
    w[2 * IN + 40] = -2;

    // When
    float[] rounded = packed(w, constant(1));

    // Then
    assertThat(Arrays.copyOf(rounded, IN)).containsOnly(0);
    for (int i = IN; i < 2 * IN; i++) {
      assertThat(rounded[i]).isCloseTo(-3.5f, within(0.01f));
    }
    assertThat(rounded[2 * IN + 40]).isCloseTo(-2, within(0.01f));
    assertThat(Arrays.copyOfRange(rounded, 3 * IN, OUT * IN)).containsOnly(0);
  }

  @Test
  void expectedMeanSquaresAreThoseOfRandomRows() {
    // Given
    int rows = 4000;
    float[] w = gates();

    // When
    float[] expected;
    try (NDManager scope = engine.newScope()) {
      // As add_norm_matrix has it: rows are divided by their norm.
      NDArray matrix = scope.create(w, new Shape(2L * IN, OUT)).mul(Math.sqrt(OUT));
      expected = calling.run(scope, "mean_squares", matrix).singletonOrThrow().toFloatArray();
    }

    // Then
    double[] squares = new double[IN];
    float[] x = normal(3, rows * OUT);
    for (int row = 0; row < rows; row++) {
      double[] gated = gated(w, Arrays.copyOfRange(x, row * OUT, (row + 1) * OUT));
      for (int i = 0; i < IN; i++) {
        squares[i] += gated[i] * gated[i] / rows;
      }
    }
    for (int i = 0; i < IN; i++) {
      assertThat(expected[i] / squares[i]).as("input %d", i).isBetween(0.7, 1.4);
    }
  }

  @Test
  void aDownProjectionIsRoundedForWhatItsGatesLetThrough() {
    // Given
    float[] w = gates();
    float[] down = normal(4, OUT * IN);

    // When
    float[] aware = downProjection(w, down, true);
    float[] unaware = downProjection(w, down, false);

    // Then
    assertThat(outputError(w, down, aware)).isLessThan(0.85 * outputError(w, down, unaware));
  }

  /** What a matrix {@code (OUT, IN)} is after it was packed. */
  private static float[] packed(float[] w, float[] importance) {
    try (NDManager scope = engine.newScope()) {
      NDArray matrix =
          calling
              .run(
                  scope,
                  "pack_int4",
                  scope.create(w, new Shape(OUT, IN)),
                  scope.create(importance, new Shape(IN)))
              .singletonOrThrow();
      return calling
          .run(scope, "linear", scope.eye(IN), matrix)
          .singletonOrThrow()
          .transpose()
          .toFloatArray();
    }
  }

  /** What a down projection is after it was added behind its gates, or alone. */
  private static float[] downProjection(float[] gates, float[] down, boolean behind) {
    try (TorchProgram program =
            TorchProgram.load(
                engine, "products", CpuOperators.replacements(true), CsmLoader.constants());
        NDManager scope = engine.newScope()) {
      program.run(scope, "open");
      if (behind) {
        // The program multiplies by the root of the width, and divides rows by their norm.
        NDArray norm = scope.create(constant(1), new Shape(IN)).get(":" + OUT);
        NDArray matrix = scope.create(gates, new Shape(2L * IN, OUT)).duplicate();
        program.run(scope, "add_norm_matrix", matrix, norm, BY_4);
      }
      program.run(scope, "add_matrix", scope.create(down, new Shape(OUT, IN)).duplicate(), BY_4);
      return program
          .run(scope, "product", scope.eye(IN), behind ? 1 : 0)
          .singletonOrThrow()
          .transpose()
          .toFloatArray();
    }
  }

  /** Gates and up projections {@code (2 IN, OUT)}, of very different sizes. */
  private static float[] gates() {
    float[] w = normal(2, 2 * IN * OUT);
    for (int i = 0; i < w.length; i++) {
      w[i] *= (float) (Math.pow(4, i / OUT % 4 - 2) / Math.sqrt(OUT));
    }
    return w;
  }

  private static double[] gated(float[] w, float[] x) {
    double[] gated = new double[IN];
    for (int i = 0; i < IN; i++) {
      double gate = dot(w, i * OUT, x);
      gated[i] = gate / (1 + Math.exp(-gate)) * dot(w, (IN + i) * OUT, x);
    }
    return gated;
  }

  private static double dot(float[] w, int from, float[] x) {
    double sum = 0;
    for (int i = 0; i < x.length; i++) {
      sum += w[from + i] * x[i];
    }
    return sum;
  }

  /** The squared error of the down projection's output over some random rows. */
  private static double outputError(float[] gates, float[] down, float[] rounded) {
    double sum = 0;
    for (int row = 0; row < 100; row++) {
      double[] gated = gated(gates, normal(10 + row, OUT));
      for (int output = 0; output < OUT; output++) {
        double difference = 0;
        for (int i = 0; i < IN; i++) {
          difference += (down[output * IN + i] - rounded[output * IN + i]) * gated[i];
        }
        sum += difference * difference;
      }
    }
    return sum;
  }

  private static float[] plainlyRounded(float[] w) {
    float[] rounded = new float[w.length];
    for (int group = 0; group < w.length; group += 32) {
      float largest = 0;
      for (int i = group; i < group + 32; i++) {
        largest = Math.max(largest, Math.abs(w[i]));
      }
      for (int i = group; i < group + 32; i++) {
        rounded[i] = Math.round(w[i] * 7 / largest) * largest / 7;
      }
    }
    return rounded;
  }

  private static double error(float[] w, float[] rounded, float[] importance) {
    double sum = 0;
    for (int i = 0; i < w.length; i++) {
      sum += Math.pow(w[i] - rounded[i], 2) * importance[i % IN];
    }
    return sum;
  }

  private static float[] constant(float value) {
    float[] values = new float[IN];
    Arrays.fill(values, value);
    return values;
  }

  private static float[] normal(long seed, int count) {
    Random random = new Random(seed);
    float[] values = new float[count];
    for (int i = 0; i < count; i++) {
      values[i] = (float) random.nextGaussian();
    }
    return values;
  }
}
