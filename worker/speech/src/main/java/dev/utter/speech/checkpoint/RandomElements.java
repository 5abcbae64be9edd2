package dev.utter.speech.checkpoint;

import dev.utter.speech.checkpoint.tensor.TensorElements;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.FloatBuffer;

/**
 * Random fp32 numbers, close to normal: the sum of four uniform ones, at most 3.46 standard
 * deviations from the mean. Each is a function of key and index alone, so that any part can be made
 * at any time. The bits are SplitMix64's (Steele, Lea, Flood 2014).
 *
 * @param key decides the numbers
 * @param bytes size of all of them
 * @param mean their mean
 * @param deviation their standard deviation
 */
record RandomElements(long key, long bytes, float mean, float deviation) implements TensorElements {

  private static final long GOLDEN = 0x9E3779B97F4A7C15L;

  /** Standard deviation of the sum of four numbers uniform over 2^16: sqrt(4 / 12) * 2^16. */
  private static final float SUM_DEVIATION = (float) (Math.sqrt(1. / 3) * 65536);

  private static final int SUM_MEAN = 2 * 65535;

  @Override
  public ByteBuffer open() {
    ByteBuffer buffer =
        ByteBuffer.allocateDirect(Math.toIntExact(bytes)).order(ByteOrder.LITTLE_ENDIAN);
    read(0, buffer);
    return buffer.flip();
  }

  @Override
  public void read(long from, ByteBuffer target) {
    FloatBuffer numbers = target.order(ByteOrder.LITTLE_ENDIAN).asFloatBuffer();
    float scale = deviation / SUM_DEVIATION;
    long counter = key + from / Float.BYTES * GOLDEN;
    int count = numbers.remaining();
    for (int i = 0; i < count; i++) {
      counter += GOLDEN;
      long bits = mix(counter);
      long sum = (bits & 0xffff) + (bits >>> 16 & 0xffff) + (bits >>> 32 & 0xffff) + (bits >>> 48);
      numbers.put(i, mean + (sum - SUM_MEAN) * scale);
    }
    target.position(target.limit());
  }

  @Override
  public boolean readsParts() {
    return true;
  }

  @Override
  public TensorElements part(long from, long partBytes) {
    return new RandomElements(key + from / Float.BYTES * GOLDEN, partBytes, mean, deviation);
  }

  /** A key for a name. */
  static long key(long seed, String name) {
    long key = mix(seed + GOLDEN);
    for (int i = 0; i < name.length(); i++) {
      key = mix(key ^ name.charAt(i));
    }
    return key;
  }

  private static long mix(long x) {
    x = (x ^ x >>> 30) * 0xBF58476D1CE4E5B9L;
    x = (x ^ x >>> 27) * 0x94D049BB133111EBL;
    return x ^ x >>> 31;
  }
}
