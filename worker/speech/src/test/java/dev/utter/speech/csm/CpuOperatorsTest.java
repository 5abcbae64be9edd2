package dev.utter.speech.csm;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;
import static org.assertj.core.api.Assumptions.assumeThat;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import dev.utter.speech.csm.matrix.MatrixKernel;
import dev.utter.speech.csm.matrix.MatrixPlan;
import dev.utter.speech.csm.matrix.MatrixStorage;
import dev.utter.speech.torch.CpuOperators;
import dev.utter.speech.torch.EngineSettings;
import dev.utter.speech.torch.TorchEngine;
import dev.utter.speech.torch.TorchProgram;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.function.Function;
import java.util.stream.LongStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The CPU operators against their reference implementation; products bit by bit. */
class CpuOperatorsTest {

  /** Numbers behind a row that is normalized. */
  private static final int EPS_TAIL = 8;

  /** Plans: the storage of a matrix, then the kernels for one row, a few and many. */
  private static final long[] BY_8 =
      MatrixPlan.of(MatrixStorage.CPU_INT8, MatrixKernel.CPU_INT8).codes();

  private static final long[] BY_32 =
      MatrixPlan.of(MatrixStorage.PLAIN, MatrixKernel.CPU_FLOAT32).codes();

  private static TorchEngine engine;
  private static TorchProgram custom;
  private static TorchProgram reference;

  @BeforeAll
  static void load() {
    engine = TorchEngine.start(EngineSettings.defaults());
    assumeThat(engine.hasCpuOperators())
        .as("a C++ compiler when this was built and a processor with AVX2 or of Arm")
        .isTrue();
    custom = program(true);
    reference = program(false);
  }

  @AfterAll
  static void close() {
    if (custom != null) {
      custom.close();
      reference.close();
    }
  }

  @ParameterizedTest
  @CsvSource({"1, 1", "2, 15", "3, 16", "7, 63", "48, 64", "96, 200", "50, 1024", "301, 4100"})
  void everyShapeAndNumberOfRowsEqualsTheReference(int out, int in) {
    float[] w = random(1, out * in);
    for (int rows : new int[] {1, 2, 3, 4, 5, 7, 8, 9, 64}) {
      // Given
      float[] x = random(rows, rows * in);
      float[] before = random(3, rows * out);

      // When
      float[] product = product(custom, w, x, rows, in);
      float[] added = added(custom, w, x, before, rows, in);

      // Then
      assertThat(product).as("rows %d", rows).containsExactly(product(reference, w, x, rows, in));
      assertThat(added).containsExactly(added(reference, w, x, before, rows, in));
    }
  }

  @Test
  void sumsOfMaximumValuesDoNotOverflow() {
    // Given
    int in = 8192;
    float[] w = new float[in];
    float[] x = new float[in];
    Arrays.fill(w, 2);
    Arrays.fill(x, -3);

    // When
    float[] y = product(custom, w, x, 1, in);

    // Then
    assertThat(y[0]).isBetween(-6.0001f * in, -5.9999f * in);
  }

  @Test
  void aRowOfZerosIsZeroAndWhatIsNotFiniteSpoilsItsOwnRowOnly() {
    // Given
    int in = 80;
    float[] w = random(1, 5 * in);
    float[] x = random(2, 4 * in);
    Arrays.fill(x, 0, in, 0);
    x[in + 79] = Float.NaN;
    x[2 * in + 3] = Float.NEGATIVE_INFINITY;

    // When
    float[] y = product(custom, w, x, 4, in);

    // Then
    assertThat(Arrays.copyOf(y, 5)).containsOnly(0);
    assertThat(Arrays.copyOfRange(y, 5, 15)).containsOnly(Float.NaN);
    assertThat(Arrays.copyOfRange(y, 15, 20))
        .containsExactly(product(custom, w, Arrays.copyOfRange(x, 3 * in, 4 * in), 1, in));
  }

  @ParameterizedTest
  @CsvSource({"1, 1", "3, 16", "7, 63", "96, 200", "301, 4100"})
  void normAndSiluMulProductsEqualTheReference(int out, int in) {
    float[] w = random(1, out * in);
    for (int rows : new int[] {1, 2, 3, 8, 17}) {
      // Given
      float[] withTails = random(rows, rows * (in + EPS_TAIL));
      float[] gateUp = random(rows, rows * 2 * in);
      float[] before = random(3, rows * out);

      // When
      float[] normed = normed(custom, w, withTails, rows, in);
      float[] gated = gated(custom, w, gateUp, before, rows, in);

      // Then
      assertClose(normed, normed(reference, w, withTails, rows, in));
      assertClose(gated, gated(reference, w, gateUp, before, rows, in));
    }
  }

  @Test
  void extremeGatesSaturateAndOneThatIsNotFiniteMakesItsRowNan() {
    // Given
    float[] w = {1, 1, 1};
    float[] gateUp = {100, -100, 0, 2, 3, 4, 1000, -1000, Float.NaN, 2, 3, 4};

    // When
    float[] y = gated(custom, w, gateUp, new float[2], 2, 3);

    // Then
    assertThat(y[0]).isCloseTo(200, within(0.02f));
    assertThat(y[1]).isNaN();
  }

  @ParameterizedTest
  @CsvSource({"1, 1", "5, 7", "96, 200", "301, 4100"})
  void float32RowsEqualTheReferenceAndDoNotDependOnTheirNumber(int out, int in) {
    float[] w = random(1, out * in);
    for (int rows : new int[] {1, 2, 3, 8}) {
      // Given
      float[] x = random(2, rows * in);

      // When
      float[] y = rowsOf32Bit(custom, w, x, in);

      // Then
      assertClose(y, rowsOf32Bit(reference, w, x, in));
      assertThat(Arrays.copyOf(y, out))
          .containsExactly(rowsOf32Bit(custom, w, Arrays.copyOf(x, in), in));
    }
  }

  @ParameterizedTest
  @CsvSource({"1, 1, 1, 2", "2, 2, 4, 6", "8, 2, 4, 128", "3, 4, 1, 24"})
  void attentionEqualsTheReference(int slots, int groups, int shared, int width) {
    int positions = 11;
    float[] caches = random(3, 2 * slots * groups * positions * width);
    float[] rope = rope(groups, shared, width);
    for (int first : new int[] {0, 2, 7, 10}) {
      // Given
      float[] x = random(first, slots * groups * (shared + 2) * width);
      long[] position = LongStream.range(first, first + slots).map(i -> i % positions).toArray();

      // When
      List<float[]> attnOutput = attended(true, x, rope, caches, slots, groups, width, position);

      // Then
      List<float[]> expected = attended(false, x, rope, caches, slots, groups, width, position);
      assertClose(attnOutput.get(0), expected.get(0));
      assertClose(attnOutput.get(1), expected.get(1));
      assertThat(attnOutput.get(1)).isNotEqualTo(caches);
    }
  }

  @ParameterizedTest
  @CsvSource({"1, 1, 1, 2, 5", "2, 2, 4, 6, 40", "8, 2, 4, 24, 1100", "17, 1, 2, 16, 30"})
  void aLayerAndItsPostAttentionPartEqualTheReference(
      int slots, int groups, int shared, int width, int inner) {
    int hidden = groups * shared * width;
    int positions = 5;
    int position = 3;
    float[] x = random(1, slots * (hidden + EPS_TAIL));
    float[] attnOutput = random(2, slots * hidden);
    float[] rope = rope(groups, shared, width);
    float[] caches = random(4, 2 * slots * groups * positions * width);
    Map<Boolean, List<float[]>> results = new HashMap<>();
    for (boolean cpuOperators : new boolean[] {true, false}) {
      try (TorchProgram program = calling(cpuOperators);
          NDManager scope = engine.newScope()) {
        // Given
        NDList rest = new NDList();
        addMatrix(program, scope, rest, hidden, hidden);
        addMatrix(program, scope, rest, 2 * inner, hidden);
        addMatrix(program, scope, rest, hidden, inner);
        NDList whole = new NDList();
        NDArray at = scope.create(LongStream.generate(() -> position).limit(slots).toArray());
        addMatrix(program, scope, whole, groups * (shared + 2) * width, hidden);
        whole.addAll(rest);
        NDArray finished = scope.create(x, new Shape(slots, hidden + EPS_TAIL)).duplicate();
        NDArray decoded = finished.duplicate();
        NDArray by = scope.create(rope, new Shape(1, rope.length));
        NDArray cache = scope.create(caches, new Shape(caches.length / width, width)).duplicate();

        // When
        program.run(
            scope,
            "post_attention",
            finished.get(":, :" + hidden),
            scope.create(attnOutput, new Shape(slots, hidden)),
            rest);
        program.run(scope, "layer", decoded.get(":, :" + hidden), by, cache, groups, at, whole);

        results.put(
            cpuOperators,
            List.of(finished.toFloatArray(), decoded.toFloatArray(), cache.toFloatArray()));
      }
    }

    // Then
    for (int i = 0; i < 3; i++) {
      assertClose(results.get(true).get(i), results.get(false).get(i));
    }
    assertThat(results.get(true).get(0)).isNotEqualTo(x);
    assertThat(results.get(true).get(1)).isNotEqualTo(x);
    assertThat(results.get(true).get(2)).isNotEqualTo(caches);
  }

  @Test
  void matricesThatDoNotFormALayerAreRefused() {
    try (TorchProgram program = calling(true);
        NDManager scope = engine.newScope()) {
      // Given
      NDList rest = new NDList();
      addMatrix(program, scope, rest, 16, 16);
      addMatrix(program, scope, rest, 20, 16);
      addMatrix(program, scope, rest, 16, 20);
      NDArray x = scope.create(random(1, 24), new Shape(1, 24)).duplicate();
      NDArray attnOutput = scope.create(random(2, 16), new Shape(1, 16));

      // Then
      assertThatThrownBy(
              () -> program.run(scope, "post_attention", x.get(":, :16"), attnOutput, rest))
          .hasMessageContaining("the shapes of a layer's matrices do not fit each other");
    }
  }

  @Test
  void rowsMayHaveAnyStride() {
    // Given
    int in = 48;
    float[] w = random(1, 5 * in);
    float[] wide = random(2, 3 * (in + EPS_TAIL));
    float[] x = new float[3 * in];
    for (int row = 0; row < 3; row++) {
      System.arraycopy(wide, row * (in + EPS_TAIL), x, row * in, in);
    }

    // When
    float[] y = product(custom, BY_8, "product", w, in, scope -> withStride(scope, wide, 3, in));

    // Then
    assertThat(y).containsExactly(product(custom, w, x, 3, in));
  }

  private static TorchProgram program(boolean cpuOperators) {
    TorchProgram program =
        TorchProgram.load(
            engine, "products", CpuOperators.replacements(cpuOperators), CsmLoader.constants());
    try (NDManager scope = engine.newScope()) {
      program.run(scope, "open");
    }
    return program;
  }

  private static float[] product(TorchProgram program, float[] w, float[] x, int rows, int in) {
    return product(program, BY_8, "product", w, in, scope -> scope.create(x, new Shape(rows, in)));
  }

  private static float[] rowsOf32Bit(TorchProgram program, float[] w, float[] x, int in) {
    return product(
        program, BY_32, "product", w, in, scope -> scope.create(x, new Shape(x.length / in, in)));
  }

  /** Rows of x are followed by their eps tails. */
  private static float[] normed(TorchProgram program, float[] w, float[] x, int rows, int in) {
    return product(program, BY_8, "norm_product", w, in, scope -> withStride(scope, x, rows, in));
  }

  private static float[] added(
      TorchProgram program, float[] w, float[] x, float[] before, int rows, int in) {
    return added(program, "add_product", w, x, before, new Shape(rows, in), in);
  }

  private static float[] gated(
      TorchProgram program, float[] w, float[] gateUp, float[] before, int rows, int in) {
    return added(program, "add_silu_mul_product", w, gateUp, before, new Shape(rows, 2L * in), in);
  }

  private static float[] product(
      TorchProgram program,
      long[] plan,
      String method,
      float[] w,
      int in,
      Function<NDManager, NDArray> input) {
    try (NDManager scope = engine.newScope()) {
      NDArray matrix = scope.create(w, new Shape(w.length / in, in)).duplicate();
      program.run(scope, "add_matrix", matrix, plan);
      float[] y =
          program.run(scope, method, input.apply(scope), 0).singletonOrThrow().toFloatArray();
      program.run(scope, "drop_matrix");
      return y;
    }
  }

  private static float[] added(
      TorchProgram program,
      String method,
      float[] w,
      float[] x,
      float[] before,
      Shape shape,
      int in) {
    try (NDManager scope = engine.newScope()) {
      NDArray matrix = scope.create(w, new Shape(w.length / in, in)).duplicate();
      program.run(scope, "add_matrix", matrix, BY_8);
      NDArray target = scope.create(before, new Shape(shape.get(0), w.length / in)).duplicate();
      program.run(scope, method, target, scope.create(x, shape).duplicate(), 0);
      float[] after = target.toFloatArray();
      program.run(scope, "drop_matrix");
      return after;
    }
  }

  /** Rows of {@code in} numbers whose stride is {@link #EPS_TAIL} more. */
  private static NDArray withStride(NDManager scope, float[] x, int rows, int in) {
    return scope.create(x, new Shape(rows, in + EPS_TAIL)).get(":, :" + in);
  }

  /** The attention output, and the cache afterwards. */
  private static List<float[]> attended(
      boolean cpuOperators,
      float[] x,
      float[] rope,
      float[] caches,
      int slots,
      int groups,
      int width,
      long[] positions) {
    try (TorchProgram program = calling(cpuOperators);
        NDManager scope = engine.newScope()) {
      NDArray input =
          slots == 1
              // Its distance to a next row is one number.
              ? scope.create(x, new Shape(x.length, 1)).transpose()
              : scope.create(x, new Shape(slots, x.length / slots));
      NDArray by = scope.create(rope, new Shape(1, rope.length));
      NDArray cache = scope.create(caches, new Shape(caches.length / width, width)).duplicate();
      float[] attnOutput =
          program
              .run(scope, "attend", input, by, cache, groups, scope.create(positions))
              .singletonOrThrow()
              .toFloatArray();
      return List.of(attnOutput, cache.toFloatArray());
    }
  }

  /** Random rotations; those of values are 1. */
  private static float[] rope(int groups, int shared, int width) {
    float[] rope = random(4, groups * (shared + 2) * width);
    for (int group = 0; group < groups; group++) {
      int value = (group * (shared + 2) + shared + 1) * width;
      for (int i = 0; i < width; i++) {
        rope[value + i] = 1 - i % 2;
      }
    }
    return rope;
  }

  private static TorchProgram calling(boolean cpuOperators) {
    return TorchProgram.load(engine, "calling", CpuOperators.replacements(cpuOperators), Map.of());
  }

  /** Adds a packed matrix {@code (out, in)}. */
  private static void addMatrix(
      TorchProgram program, NDManager scope, NDList list, int out, int in) {
    Random random = new Random(out * 31L + in);
    byte[] numbers = new byte[out * in];
    float[] scales = new float[out];
    for (int i = 0; i < numbers.length; i++) {
      numbers[i] = (byte) (random.nextInt(255) - 127);
    }
    for (int i = 0; i < out; i++) {
      scales[i] = (float) (random.nextDouble() / 127 / Math.sqrt(in));
    }
    NDArray plain = scope.create(ByteBuffer.wrap(numbers), new Shape(out, in), DataType.INT8);
    list.addAll(program.run(scope, "pack", plain, scope.create(scales, new Shape(out, 1))));
  }

  /** Relative to their size: a number that is rounded the other way is off by a level. */
  private static void assertClose(float[] actual, float[] expected) {
    double error = 0;
    double size = 0;
    for (int i = 0; i < expected.length; i++) {
      error += Math.pow(actual[i] - expected[i], 2);
      size += Math.pow(expected[i], 2);
    }
    assertThat(actual).hasSameSizeAs(expected);
    assertThat(Math.sqrt(error)).isLessThanOrEqualTo(2e-5 * Math.sqrt(size));
  }

  private static float[] random(long seed, int count) {
    Random random = new Random(seed);
    float[] values = new float[count];
    for (int i = 0; i < count; i++) {
      values[i] = (float) Math.pow(random.nextGaussian(), 3);
    }
    return values;
  }
}
