package dev.utter.speech.csm;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;

/**
 * The KV cache of a sequence outside the slots: a prompt in prefill, a preempted utterance, or an
 * entry of the prefix cache. Shape {@code (2 layers, key-value heads, positions, head width)}.
 *
 * <p>Threading: not safe, one thread at a time.
 */
public final class KeyValues implements AutoCloseable {

  private final NDManager owner;
  private final NDArray tensor;
  private final long bytes;

  /**
   * @param owner scope of the tensor alone
   * @param elementBytes bytes of one number; DJL does not know bfloat16
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
