package dev.utter.speech.torch;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import java.util.function.Function;

/**
 * Calls that are written down once and then done again and again, by one order to the device
 * instead of one for each of their kernels. All numbers that tensors do not hold are those of the
 * recording, and so is all memory: what is replaced by another tensor since is not noticed.
 *
 * <p>Threading: not safe, one thread at a time.
 */
public interface GraphPool extends AutoCloseable {

  /**
   * Writes a call down without doing it.
   *
   * @param key what to ask for it by; one that was recorded before is replaced
   * @param call to be done, its result one tensor on the device. It must neither wait for the
   *     device nor read from it, and have been done before, so that everything it needs is loaded
   * @throws RuntimeException if it cannot be recorded; then it was not done either
   */
  void record(long key, Function<NDManager, NDArray> call);

  /**
   * Does what was recorded.
   *
   * @return its result, valid until the next replay of any
   */
  NDArray replay(NDManager owner, long key);

  /** Forgets all that was recorded. */
  void drop();

  /** Memory of the device that recordings take, in bytes, as far as it is known. */
  long bytes();

  @Override
  void close();
}
