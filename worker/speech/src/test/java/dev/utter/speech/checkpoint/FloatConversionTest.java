package dev.utter.speech.checkpoint;

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

  private static ByteBuffer buffer(int bytes, Consumer<ByteBuffer> fill) {
    ByteBuffer buffer = ByteBuffer.allocateDirect(bytes).order(ByteOrder.LITTLE_ENDIAN);
    fill.accept(buffer);
    return buffer.flip();
  }
}
