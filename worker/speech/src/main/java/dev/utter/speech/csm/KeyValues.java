package dev.utter.speech.csm;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;

/**
 * Keys and values of a sequence outside the slots: of a prompt being run, of a preempted utterance,
 * of a prefix in the pool. Shape {@code (2 layers, key-value heads, positions, head width)}.
 *
 * <p>Threading: not safe, one thread at a time.
 */
public final class KeyValues implements AutoCloseable {

  private final NDManager owner;
  private final NDArray tensor;
  private final long bytes;

  /**
   * @param owner owns nothing but the tensor
   * @param elementBytes bytes of one number; DJL takes those of bfloat16 for none
   */
  public KeyValues(NDManager owner, NDArray tensor, int elementBytes) {
    this.owner = owner;
    this.tensor = tensor;
    this.bytes = tensor.size() * elementBytes;
  }

  public NDArray tensor() {
    return tensor;
  }

  public int positions() {
    return Math.toIntExact(tensor.getShape().get(2));
  }

  public long bytes() {
    return bytes;
  }

  @Override
  public void close() {
    owner.close();
  }
}
