package dev.utter.speech.checkpoint.tensor;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.FloatBuffer;

/**
 * Widens stored floating-point numbers to fp32, exactly for F16 and BF16, rounding for F64; and
 * narrows fp32 to the nearest number of 16 bits, the even one of two equally near.
 */
public final class FloatConversion {

  private FloatConversion() {}

  /** Returns a direct little-endian buffer of fp32 values; {@code source} keeps its position. */
  public static ByteBuffer toFloat32(ByteBuffer source, Dtype dtype) {
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

  /** Puts the fp32 numbers of {@code source} into {@code target} as F16 or BF16. */
  static void narrow(ByteBuffer source, Dtype dtype, ByteBuffer target) {
    FloatBuffer in = source.duplicate().order(ByteOrder.LITTLE_ENDIAN).asFloatBuffer();
    target.order(ByteOrder.LITTLE_ENDIAN);
    while (in.hasRemaining()) {
      target.putShort(
          switch (dtype) {
            case BF16 -> floatToBrain(in.get());
            case F16 -> floatToHalf(in.get());
            default -> throw new IllegalArgumentException(dtype + " has no 16-bit numbers");
          });
    }
  }

  private static short floatToBrain(float number) {
    int bits = Float.floatToRawIntBits(number);
    // Rounding could turn a NaN into infinity.
    return (short) (Float.isNaN(number) ? bits >> 16 | 0x40 : bits + roundingUp(bits, 16) >> 16);
  }

  private static short floatToHalf(float number) {
    int bits = Float.floatToRawIntBits(number);
    int sign = bits >>> 16 & 0x8000;
    float magnitude = Math.abs(number);
    if (Float.isNaN(number)) {
      return (short) (sign | 0x7e00);
    }
    if (magnitude < 0x1p-14f) {
      return (short) (sign | (int) Math.rint(magnitude * 0x1p24f));
    }
    int wide = bits & 0x7fffffff;
    int narrow = (wide + roundingUp(wide, 13) >> 13) - (127 - 15 << 10);
    return (short) (sign | Math.min(narrow, 0x7c00));
  }

  /** The number to add before the lowest {@code dropped} bits are cut off. */
  private static int roundingUp(int bits, int dropped) {
    return (1 << dropped - 1) - 1 + (bits >> dropped & 1);
  }
}
