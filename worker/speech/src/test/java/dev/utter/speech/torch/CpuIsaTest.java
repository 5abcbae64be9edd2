package dev.utter.speech.torch;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assumptions.assumeThat;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Products with every instruction set that this processor has; for one that it lacks, a skip. */
class CpuIsaTest {

  private TorchEngine engine;

  @BeforeEach
  void start() {
    engine = TorchEngine.start(EngineSettings.defaults());
    assumeThat(engine.hasCpuOperators())
        .as("a C++ compiler when this was built and a processor with AVX2 or of Arm")
        .isTrue();
  }

  @AfterEach
  void restore() {
    TorchEngine.cpuOperators().ifPresent(CpuOperators::use);
  }

  @ParameterizedTest
  @EnumSource(CpuIsa.class)
  void productsEqualTheReferenceBitByBit(CpuIsa isa) {
    assumeThat(CpuOperators.use(isa)).as("a processor with " + isa).isTrue();
    for (int in : new int[] {1, 5, 64, 207, 2048}) {
      int out = 83;
      for (int rows : new int[] {1, 2, 3, 4, 5, 8, 9, 21}) {
        // Given
        byte[] numbers = new byte[out * in];
        new Random(in).nextBytes(numbers);
        for (int i = 0; i < numbers.length; i++) {
          numbers[i] = (byte) Math.max(-127, numbers[i]);
        }
        float[] x = random(rows, rows * in);

        // When
        float[] y = product(true, numbers, x, out, in);

        // Then
        assertThat(y)
            .as("%d rows of %d", rows, in)
            .containsExactly(product(false, numbers, x, out, in));
      }
    }
  }

  @ParameterizedTest
  @EnumSource(CpuIsa.class)
  void productsWith4BitsEqualTheReferenceBitByBit(CpuIsa isa) {
    assumeThat(CpuOperators.use(isa)).as("a processor with " + isa).isTrue();
    int[] counts = {1, 2, 3, 4, 5, 8, 9, 21};
    for (int in : new int[] {1, 31, 207, 2048}) {
      // Given
      int out = 83;
      float[] w = random(in, out * in);

      // When
      List<float[]> y = productsWith4Bits(true, w, out, in, counts);

      // Then
      List<float[]> expected = productsWith4Bits(false, w, out, in, counts);
      for (int i = 0; i < counts.length; i++) {
        assertThat(y.get(i)).as("%d rows of %d", counts[i], in).containsExactly(expected.get(i));
      }
    }
  }

  @Test
  void codesAreThoseOfTheOperators() throws IOException {
    String header =
        Files.readString(
            Path.of(
                System.getProperty("utter.home"), "worker/speech/src/main/cpp/cpu/constants.h"));
    assertThat(header)
        .contains("kIsaAny = %d;".formatted(CpuIsa.ANY))
        .contains("kIsaAvx2 = %d;".formatted(CpuIsa.AVX2.code()))
        .contains("kIsaAvxVnni = %d;".formatted(CpuIsa.AVXVNNI.code()))
        .contains("kIsaAvx512Vnni = %d;".formatted(CpuIsa.AVX512VNNI.code()))
        .contains("kIsaAmx = %d;".formatted(CpuIsa.AMX.code()))
        .contains("kIsaNeon = %d;".formatted(CpuIsa.NEON.code()))
        .contains("kIsaDotprod = %d;".formatted(CpuIsa.DOTPROD.code()))
        .contains("kIsaI8mm = %d;".formatted(CpuIsa.I8MM.code()));
  }

  @Test
  void aNameThatIsNoneIsRefused() {
    assertThat(CpuIsa.parse("avx2")).isEqualTo(CpuIsa.AVX2);
    assertThatThrownBy(() -> CpuIsa.parse("sse"))
        .hasMessage(
            "UTTER_CPU_ISA is 'sse', must be one of avx2, avxvnni, avx512vnni, amx, neon, dotprod,"
                + " i8mm");
  }

  private float[] product(boolean custom, byte[] numbers, float[] x, int out, int in) {
    try (TorchProgram program =
            TorchProgram.load(engine, "calling", CpuOperators.replacements(custom), Map.of());
        NDManager scope = engine.newScope()) {
      NDArray plain = scope.create(ByteBuffer.wrap(numbers), new Shape(out, in), DataType.INT8);
      NDArray scales = scope.create(random(7, out), new Shape(out, 1));
      NDArray w = program.run(scope, "pack", plain, scales).singletonOrThrow();
      NDArray rows = scope.create(x, new Shape(x.length / in, in));
      return program.run(scope, "linear", rows, w).singletonOrThrow().toFloatArray();
    }
  }

  private List<float[]> productsWith4Bits(
      boolean custom, float[] w, int out, int in, int[] counts) {
    try (TorchProgram program =
            TorchProgram.load(engine, "calling", CpuOperators.replacements(custom), Map.of());
        NDManager scope = engine.newScope()) {
      NDArray plain = scope.create(w, new Shape(out, in));
      NDArray importance = scope.create(random(7, in), new Shape(in)).abs();
      NDArray packed = program.run(scope, "pack_int4", plain, importance).singletonOrThrow();
      return Arrays.stream(counts)
          .mapToObj(rows -> scope.create(random(rows, rows * in), new Shape(rows, in)))
          .map(x -> program.run(scope, "linear", x, packed).singletonOrThrow().toFloatArray())
          .toList();
    }
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
