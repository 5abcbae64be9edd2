package dev.utter.speech.csm;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;

/**
 * Keys and values of a sequence outside the slots: of a prompt being run, of a parked utterance, of
 * a prefix in the pool. Shape {@code (2 layers, key-value heads, positions, head width)}.
 *
 * <p>Threading: not safe, one thread at a time.
 */
final class KeyValues implements AutoCloseable {

  private final NDManager owner;
  private final NDArray tensor;

  /**
   * @param owner owns nothing but the tensor
   */
  KeyValues(NDManager owner, NDArray tensor) {
    this.owner = owner;
    this.tensor = tensor;
  }

  NDArray tensor() {
    return tensor;
  }

  int positions() {
    return Math.toIntExact(tensor.getShape().get(2));
  }

  long bytes() {
    return tensor.size() * tensor.getDataType().getNumOfBytes();
  }

  @Override
  public void close() {
    owner.close();
  }
}
