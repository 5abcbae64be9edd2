package dev.utter.speech.csm;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

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
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Every kernel against the product in plain loops. */
class ProductTest {

  private static final int OUT = 96;
  private static final int IN = 208;

  private static TorchEngine engine;
  private static TorchProgram program;

  @BeforeAll
  static void load() {
    engine = TorchEngine.start(EngineSettings.defaults().withThreads(1));
    program =
        TorchProgram.load(
            engine,
            "products",
            CpuOperators.replacements(engine.hasCpuOperators()),
            CsmLoader.constants());
    try (NDManager scope = engine.newScope()) {
      program.run(scope, "open");
    }
  }

  @AfterAll
  static void close() {
    program.close();
  }

  /** Storage, kernel, and how far off the result may be relative to its size. */
  static Stream<Arguments> kernels() {
    return Stream.of(
        Arguments.of(MatrixStorage.PLAIN, MatrixKernel.MM, 1e-6),
        Arguments.of(MatrixStorage.PLAIN, MatrixKernel.MM_TRANSPOSED, 1e-6),
        Arguments.of(MatrixStorage.PLAIN, MatrixKernel.CPU_FLOAT32, 1e-6),
        Arguments.of(MatrixStorage.PACKED_FLOAT16, MatrixKernel.PACKED_FLOAT16, 1e-3),
        Arguments.of(MatrixStorage.PACKED_INT8, MatrixKernel.PACKED_INT8, 0.03),
        Arguments.of(MatrixStorage.PLAIN_FLOAT16, MatrixKernel.PLAIN_FLOAT16, 2e-3),
        Arguments.of(MatrixStorage.PLAIN_INT8, MatrixKernel.PLAIN_INT8, 0.02),
        Arguments.of(MatrixStorage.CPU_INT8, MatrixKernel.CPU_INT8, 0.01),
        Arguments.of(MatrixStorage.CPU_INT4, MatrixKernel.CPU_INT4, 0.09));
  }

  @ParameterizedTest
  @MethodSource("kernels")
  void aKernelMultipliesLikeThePlainLoops(
      MatrixStorage storage, MatrixKernel kernel, double bound) {
    float[] w = random(1, OUT * IN);
    for (int rows : new int[] {1, 3, 17}) {
      // Given
      float[] x = random(rows, rows * IN);

      // When
      float[] y = product(w, storage, kernel, x, rows);

      // Then
      double[] expected = plain(w, x, rows);
      double error = 0;
      double size = 0;
      for (int i = 0; i < expected.length; i++) {
        error += Math.pow(expected[i] - y[i], 2);
        size += Math.pow(expected[i], 2);
      }
      assertThat(Math.sqrt(error / size)).as("rows %d", rows).isLessThan(bound);
    }
  }

  @ParameterizedTest
  @MethodSource("kernels")
  void aProductIsAddedAsItIsComputed(MatrixStorage storage, MatrixKernel kernel, double bound) {
    float[] w = random(1, OUT * IN);
    for (int rows : new int[] {1, 3, 17}) {
      // Given
      float[] x = random(rows, rows * IN);
      float[] before = random(7, rows * OUT);

      // When
      float[] after = added(w, storage, kernel, x, before, rows);

      // Then
      float[] y = product(w, storage, kernel, x, rows);
      for (int i = 0; i < y.length; i++) {
        assertThat(after[i]).isCloseTo(before[i] + y[i], within(2e-5f));
      }
    }
  }

  @ParameterizedTest
  @MethodSource("kernels")
  void aRowHasTheSameBitsBesideAllNeighbours(
      MatrixStorage storage, MatrixKernel kernel, double bound) {
    // Given
    float[] w = random(1, OUT * IN);
    float[] quiet = random(5, 4 * IN);
    float[] loud = quiet.clone();
    for (int i = IN; i < loud.length; i++) {
      loud[i] *= -1000;
    }

    // When
    float[] besideQuiet = product(w, storage, kernel, quiet, 4);
    float[] besideLoud = product(w, storage, kernel, loud, 4);

    // Then
    assertThat(Arrays.copyOf(besideLoud, OUT)).containsExactly(Arrays.copyOf(besideQuiet, OUT));
    assertThat(besideLoud).isNotEqualTo(besideQuiet);
  }

  @Test
  void eightBitDoesNotClipWhereEverythingIsLargest() {
    // Given
    float[] w = new float[OUT * IN];
    Arrays.fill(w, 2);
    float[] x = new float[IN];
    Arrays.fill(x, 3);

    // When
    float[] y = product(w, MatrixStorage.PACKED_INT8, MatrixKernel.PACKED_INT8, x, 1);

    // Then
    assertThat(y[OUT - 1]).isBetween(6f * IN * 0.99f, 6f * IN * 1.01f);
  }

  @Test
  void eightBitTakesARowOfZerosAndPassesOnWhatIsNotFinite() {
    // Given
    float[] w = random(1, OUT * IN);
    float[] x = new float[2 * IN];
    x[IN + 7] = Float.NaN;

    // When
    float[] y = product(w, MatrixStorage.PACKED_INT8, MatrixKernel.PACKED_INT8, x, 2);
    float[] ofZeros =
        product(w, MatrixStorage.PACKED_INT8, MatrixKernel.PACKED_INT8, Arrays.copyOf(x, IN), 1);
    float[] ofNan =
        product(
            w,
            MatrixStorage.PACKED_INT8,
            MatrixKernel.PACKED_INT8,
            Arrays.copyOfRange(x, IN, 2 * IN),
            1);

    // Then
    assertThat(Arrays.copyOf(y, OUT)).containsOnly(0);
    assertThat(Arrays.copyOfRange(y, OUT, 2 * OUT)).containsOnly(Float.NaN);
    assertThat(ofZeros).containsOnly(0);
    assertThat(ofNan).containsOnly(Float.NaN);
  }

  @Test
  void plainEightBitRefusesAWidthThatItsKernelWouldReadBeyond() {
    // Given
    int in = 200;
    try (NDManager scope = engine.newScope()) {
      NDArray matrix = scope.create(random(1, OUT * in), new Shape(OUT, in)).duplicate();

      long[] plan = MatrixPlan.of(MatrixStorage.PLAIN_INT8, MatrixKernel.PLAIN_INT8).codes();

      // Then
      assertThat(MatrixStorage.PLAIN_INT8.takes(in)).isFalse();
      assertThatThrownBy(() -> program.run(scope, "add_matrix", matrix, plan))
          .hasMessageContaining("plain int8 needs a multiple of 16 inputs");
    }
  }

  private static float[] product(
      float[] w, MatrixStorage storage, MatrixKernel kernel, float[] x, int rows) {
    try (NDManager scope = engine.newScope()) {
      NDArray matrix = scope.create(w, new Shape(OUT, IN)).duplicate();
      program.run(scope, "add_matrix", matrix, MatrixPlan.of(storage, kernel).codes());
      NDArray input = scope.create(x, new Shape(rows, IN));
      float[] y = program.run(scope, "product", input, 0).singletonOrThrow().toFloatArray();
      program.run(scope, "drop_matrix");
      return y;
    }
  }

  private static float[] added(
      float[] w, MatrixStorage storage, MatrixKernel kernel, float[] x, float[] before, int rows) {
    try (NDManager scope = engine.newScope()) {
      NDArray matrix = scope.create(w, new Shape(OUT, IN)).duplicate();
      program.run(scope, "add_matrix", matrix, MatrixPlan.of(storage, kernel).codes());
      NDArray target = scope.create(before, new Shape(rows, OUT)).duplicate();
      program.run(scope, "add_product", target, scope.create(x, new Shape(rows, IN)), 0);
      float[] after = target.toFloatArray();
      program.run(scope, "drop_matrix");
      return after;
    }
  }

  private static double[] plain(float[] w, float[] x, int rows) {
    double[] y = new double[rows * OUT];
    for (int i = 0; i < y.length; i++) {
      for (int k = 0; k < IN; k++) {
        y[i] += (double) w[i % OUT * IN + k] * x[i / OUT * IN + k];
      }
    }
    return y;
  }

  private static float[] random(long seed, int count) {
    Random random = new Random(seed);
    float[] values = new float[count];
    for (int i = 0; i < count; i++) {
      values[i] = (float) random.nextGaussian();
    }
    return values;
  }
}
