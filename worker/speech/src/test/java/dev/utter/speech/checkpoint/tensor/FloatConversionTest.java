package dev.utter.speech.checkpoint.tensor;

import static org.assertj.core.api.Assertions.assertThat;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import dev.utter.speech.torch.EngineSettings;
import dev.utter.speech.torch.TorchEngine;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Path;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class FloatConversionTest {

  @ParameterizedTest
  @CsvSource({
    "0x0000, 0",
    "0x3c00, 1",
    "0xc000, -2",
    "0x7bff, 65504",
    "0x0400, 6.103515625e-5",
    "0x0001, 5.9604644775390625e-8",
    "0x83ff, -6.097555160522461e-5",
    "0x7c00, Infinity",
    "0xfc00, -Infinity",
    "0x3555, 0.333251953125",
  })
  void widensHalfPrecisionExactly(String bits, float expected) {
    assertThat(FloatConversion.halfToFloat((short) (int) Integer.decode(bits))).isEqualTo(expected);
  }

  @Test
  void keepsNegativeZeroAndNotANumber() {
    assertThat(Float.floatToRawIntBits(FloatConversion.halfToFloat((short) 0x8000)))
        .isEqualTo(Float.floatToRawIntBits(-0f));
    assertThat(FloatConversion.halfToFloat((short) 0x7e01)).isNaN();
  }

  @Test
  void agreesWithLibtorchOnEveryHalf() {
    // Given
    TorchEngine engine = TorchEngine.start(EngineSettings.defaults().withThreads(1));
    ByteBuffer halves =
        buffer(
            2 << 16,
            b -> {
              for (int i = 0; i < 1 << 16; i++) {
                b.putShort((short) i);
              }
            });
    try (NDManager scope = engine.newScope()) {
      // When
      float[] ours = new float[1 << 16];
      FloatConversion.toFloat32(halves, Dtype.F16).asFloatBuffer().get(ours);
      NDArray theirs =
          scope.create(halves, new Shape(1 << 16), DataType.FLOAT16).toType(DataType.FLOAT32, true);

      // Then
      assertThat(ours).isEqualTo(theirs.toFloatArray());
    }
  }

  @Test
  void widensBfloat16AndRoundsDoubles() {
    // Given
    ByteBuffer brain =
        buffer(
            6, b -> b.putShort((short) 0x3f80).putShort((short) 0xc049).putShort((short) 0x7f80));
    ByteBuffer doubles = buffer(8, b -> b.putDouble(0.1));

    // When
    ByteBuffer floats = FloatConversion.toFloat32(brain, Dtype.BF16);

    // Then
    assertThat(floats.getFloat()).isEqualTo(1f);
    assertThat(floats.getFloat()).isEqualTo(-3.140625f);
    assertThat(floats.getFloat()).isEqualTo(Float.POSITIVE_INFINITY);
    assertThat(FloatConversion.toFloat32(doubles, Dtype.F64).getFloat()).isEqualTo(0.1f);
  }

  @Test
  void handsOverBfloat16AsFloat32() {
    // Given
    ByteBuffer brain = buffer(4, b -> b.putShort((short) 0x3f80).putShort((short) 0xc000));
    StoredTensor tensor =
        new StoredTensor(Path.of("x"), "w", Dtype.BF16, new Shape(2), () -> brain);
    TorchEngine engine = TorchEngine.start(EngineSettings.defaults().withThreads(1));
    try (NDManager scope = engine.newScope()) {
      // When
      NDArray array = tensor.toNDArray(scope);

      // Then
      assertThat(array.toFloatArray()).containsExactly(1f, -2f);
    }
  }

  @Test
  void narrowsToTheHalfThatLibtorchTakes() {
    // Given: everything near a boundary between two halves, of either sign
    float[] numbers = new float[6 << 15];
    for (int i = 0; i < 1 << 15; i++) {
      float half = FloatConversion.halfToFloat((short) i);
      float middle = half + (FloatConversion.halfToFloat((short) (i + 1)) - half) / 2;
      numbers[6 * i] = half;
      numbers[6 * i + 1] = middle;
      numbers[6 * i + 2] = Math.nextUp(middle);
      numbers[6 * i + 3] = -Math.nextDown(middle);
      numbers[6 * i + 4] = -middle;
      numbers[6 * i + 5] = -half;
    }
    TorchEngine engine = TorchEngine.start(EngineSettings.defaults().withThreads(1));
    try (NDManager scope = engine.newScope()) {
      // When
      ByteBuffer ours = narrowed(numbers, Dtype.F16);
      NDArray theirs = scope.create(numbers).toType(DataType.FLOAT16, true);

      // Then
      assertThat(widened(ours, Dtype.F16)).isEqualTo(widened(theirs.toByteBuffer(), Dtype.F16));
    }
  }

  @Test
  void narrowsToTheNearestBfloat16AndTheEvenOneOfTwo() {
    // When
    ByteBuffer narrow =
        narrowed(
            new float[] {
              1f, 0x1.01p0f, 0x1.03p0f, 0x1.010002p0f, -0x1.03p0f, Float.MAX_VALUE, Float.NaN
            },
            Dtype.BF16);

    // Then
    assertThat(widened(narrow, Dtype.BF16))
        .containsExactly(
            1f, 1f, 0x1.04p0f, 0x1.02p0f, -0x1.04p0f, Float.POSITIVE_INFINITY, Float.NaN);
  }

  private static float[] widened(ByteBuffer narrow, Dtype dtype) {
    float[] numbers = new float[narrow.remaining() / dtype.bytes()];
    FloatConversion.toFloat32(narrow, dtype).asFloatBuffer().get(numbers);
    return numbers;
  }

  private static ByteBuffer narrowed(float[] numbers, Dtype dtype) {
    ByteBuffer wide =
        buffer(
            Float.BYTES * numbers.length,
            b -> {
              for (float number : numbers) {
                b.putFloat(number);
              }
            });
    ByteBuffer narrow = ByteBuffer.allocateDirect(Short.BYTES * numbers.length);
    FloatConversion.narrow(wide, dtype, narrow);
    return narrow.flip();
  }

  private static ByteBuffer buffer(int bytes, Consumer<ByteBuffer> fill) {
    ByteBuffer buffer = ByteBuffer.allocateDirect(bytes).order(ByteOrder.LITTLE_ENDIAN);
    fill.accept(buffer);
    return buffer.flip();
  }
}
