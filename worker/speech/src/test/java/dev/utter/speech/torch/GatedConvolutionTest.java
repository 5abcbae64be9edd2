package dev.utter.speech.torch;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assumptions.assumeThat;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

/** Gated convolutions by the CPU operators, compared with the formula in 64 bit. */
class GatedConvolutionTest {

  /** Normalised inputs of the tests are seldom larger. */
  private static final float LARGEST_INPUT = 10;

  private TorchEngine engine;

  @BeforeEach
  void start() {
    engine = TorchEngine.start(EngineSettings.defaults());
    assumeThat(engine.hasCpuOperators()).as("CPU operators").isTrue();
  }

  @AfterEach
  void restore() {
    TorchEngine.cpuOperators().ifPresent(CpuOperators::use);
    CpuOperators.setPassThreads(engine.threads());
  }

  /**
   * A layer.
   *
   * @param step frequencies of a call
   */
  private record Layer(int inputs, int outputs, int size, int frequencies, int frames, int step) {
    int positions() {
      return frequencies * frames;
    }
  }

  @ParameterizedTest
  @CsvSource({
    "1, 1, 3, 1, 1, 4",
    "1, 32, 3, 41, 23, 12",
    "3, 5, 3, 4, 4, 4",
    "16, 16, 3, 30, 65, 12",
    "34, 96, 3, 21, 17, 8",
    "96, 1, 1, 50, 9, 24",
    "128, 5, 3, 29, 400, 12",
    "20, 40, 3, 9, 1300, 4"
  })
  void outputsAndSumsAreThoseOfTheFormula(
      int inputs, int outputs, int size, int frequencies, int frames, int step) {
    Layer layer = new Layer(inputs, outputs, size, frequencies, frames, step);

    float[] tiles = tiles(layer, false);

    float[] formula = formula(layer);
    int numbers = outputs * layer.positions();
    for (int i = 0; i < formula.length; i++) {
      // The transforms of a tile multiply an input's rounding error of 2^-24 by up to 100.
      float bound =
          i < numbers ? 6e-6f * LARGEST_INPUT : 1e-6f * (layer.positions() + Math.abs(formula[i]));
      assertThat(Math.abs(tiles[i] - formula[i]))
          .as("number %d of %d", i, numbers)
          .isLessThan(bound);
    }
  }

  @ParameterizedTest
  @EnumSource(CpuIsa.class)
  void allInstructionSetsGiveTheSameBits(CpuIsa isa) {
    Layer layer = new Layer(34, 50, 3, 30, 41, 12);
    float[] expected = tiles(layer, false);
    assumeThat(CpuOperators.use(isa)).as("a processor with " + isa).isTrue();

    float[] tiles = tiles(layer, false);

    assertThat(Arrays.equals(tiles, expected)).isTrue();
  }

  @ParameterizedTest
  @CsvSource({"1, 12", "2, 12", "5, 12", "2, 4", "2, 64"})
  void neitherThreadsNorStepsChangeAnOutput(int threads, int step) {
    Layer layer = new Layer(20, 24, 3, 64, 90, 64);
    CpuOperators.setPassThreads(1);
    float[] expected = tiles(layer, false);
    CpuOperators.setPassThreads(threads);

    float[] tiles = tiles(new Layer(20, 24, 3, 64, 90, step), false);

    int outputs = 24 * layer.positions();
    assertThat(Arrays.equals(tiles, 0, outputs, expected, 0, outputs)).isTrue();
  }

  @Test
  void bfloat16GivesAboutTheSame() {
    assumeThat(CpuOperators.multiplyBfloat16()).as("a processor with AVX512-BF16").isTrue();
    Layer layer = new Layer(128, 128, 3, 24, 65, 12);

    float[] reduced = tiles(layer, true);

    float[] formula = formula(layer);
    double error = 0;
    double power = 0;
    for (int i = 0; i < 128 * layer.positions(); i++) {
      error += Math.pow(reduced[i] - formula[i], 2);
      power += Math.pow(formula[i], 2);
    }
    assertThat(Math.sqrt(error / power)).isBetween(1e-4, 2e-2);
  }

  @Test
  void aStepThatCutsTilesIsRefused() {
    assertThatThrownBy(() -> tiles(new Layer(16, 16, 3, 20, 8, 6), false))
        .hasMessageContaining("do not fit each other");
  }

  @Test
  void filtersOfAnotherSizeAreRefused() {
    assertThatThrownBy(() -> tiles(new Layer(16, 16, 5, 20, 8, 4), false))
        .hasMessageContaining("of size 1 or 3");
  }

  private float[] tiles(Layer layer, boolean reduced) {
    try (TorchProgram program = TorchProgram.load(engine, "gated");
        NDManager scope = engine.newScope()) {
      Object[] arguments = Arrays.copyOf(arguments(layer, scope), 7);
      arguments[5] = layer.step();
      arguments[6] = reduced;
      return program.run(scope, "tiles", arguments).singletonOrThrow().toFloatArray();
    }
  }

  private float[] formula(Layer layer) {
    try (TorchProgram program = TorchProgram.load(engine, "gated");
        NDManager scope = engine.newScope()) {
      return program
          .run(scope, "formula", arguments(layer, scope))
          .singletonOrThrow()
          .toFloatArray();
    }
  }

  private static Object[] arguments(Layer layer, NDManager scope) {
    Random random = new Random(1);
    int rows = 2 * layer.outputs();
    double deviation = 1 / Math.sqrt(layer.inputs() * layer.size() * layer.size());
    return new Object[] {
      random(scope, random, 1, new Shape(1, layer.inputs(), layer.frequencies(), layer.frames())),
      random(scope, random, 1, new Shape(layer.inputs())),
      random(scope, random, 1, new Shape(layer.inputs())),
      random(scope, random, deviation, new Shape(rows, layer.inputs(), layer.size(), layer.size())),
      random(scope, random, 1, new Shape(rows))
    };
  }

  private static NDArray random(NDManager scope, Random random, double deviation, Shape shape) {
    float[] numbers = new float[Math.toIntExact(shape.size())];
    for (int i = 0; i < numbers.length; i++) {
      numbers[i] = (float) (deviation * random.nextGaussian());
    }
    return scope.create(numbers, shape);
  }
}
