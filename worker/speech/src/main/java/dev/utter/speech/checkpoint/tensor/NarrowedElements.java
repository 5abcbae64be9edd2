package dev.utter.speech.checkpoint.tensor;

import java.nio.ByteBuffer;

/**
 * fp32 elements rounded to 16 bits, part by part.
 *
 * @param source the fp32 elements
 * @param dtype F16 or BF16
 */
record NarrowedElements(TensorElements source, Dtype dtype) implements TensorElements {

  private static final int RATIO = Float.BYTES / Short.BYTES;

  @Override
  public ByteBuffer open() {
    ByteBuffer wide = source.open();
    ByteBuffer narrow = ByteBuffer.allocateDirect(wide.remaining() / RATIO);
    FloatConversion.narrow(wide, dtype, narrow);
    return narrow.flip();
  }

  @Override
  public void read(long from, ByteBuffer target) {
    ByteBuffer wide = ByteBuffer.allocate(Math.multiplyExact(target.remaining(), RATIO));
    source.read(from * RATIO, wide);
    FloatConversion.narrow(wide.flip(), dtype, target);
  }

  @Override
  public boolean readsParts() {
    return source.readsParts();
  }
}
