package dev.utter.speech.checkpoint;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/** Widens stored floating-point numbers to fp32. Exact for F16 and BF16, rounding for F64. */
final class FloatConversion {

  private FloatConversion() {}

  /** Returns a direct little-endian buffer of fp32 values; {@code source} keeps its position. */
  static ByteBuffer toFloat32(ByteBuffer source, Dtype dtype) {
    ByteBuffer in = source.duplicate().order(ByteOrder.LITTLE_ENDIAN);
    int elements = in.remaining() / dtype.bytes();
    ByteBuffer out =
        ByteBuffer.allocateDirect(Math.multiplyExact(elements, Float.BYTES))
            .order(ByteOrder.LITTLE_ENDIAN);
    for (int i = 0; i < elements; i++) {
      out.putFloat(
          switch (dtype) {
            case F32 -> in.getFloat();
            case F64 -> (float) in.getDouble();
            case BF16 -> Float.intBitsToFloat(in.getShort() << 16);
            case F16 -> halfToFloat(in.getShort());
            default -> throw new IllegalArgumentException(dtype + " is not a floating-point type");
          });
    }
    return out.flip();
  }

  /** IEEE 754 binary16 to binary32. */
  static float halfToFloat(short half) {
    int sign = (half & 0x8000) << 16;
    int exponent = (half >> 10) & 0x1f;
    int fraction = half & 0x3ff;
    if (exponent == 0) {
      float magnitude = fraction * 0x1p-24f;
      return sign == 0 ? magnitude : -magnitude;
    }
    int widened = exponent == 0x1f ? 0xff : exponent - 15 + 127;
    return Float.intBitsToFloat(sign | widened << 23 | fraction << 13);
  }
}
