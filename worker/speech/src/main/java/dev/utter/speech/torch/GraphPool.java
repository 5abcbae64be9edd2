package dev.utter.speech.torch;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import java.util.function.Function;

/**
 * Calls that are recorded once and replayed, by one launch instead of one for each kernel. A replay
 * uses the memory of the recording and its numbers, except those in tensors: a tensor that replaced
 * another since then is not noticed.
 *
 * <p>Threading: not safe, one thread at a time.
 */
public interface GraphPool extends AutoCloseable {

  /**
   * Records a call without running it.
   *
   * @param key identifies the call; replaces an earlier recording
   * @param call the call; its result is one tensor on the device. It must neither wait for the
   *     device nor read from it. It must have run before, so that everything it needs is loaded
   * @throws RuntimeException if it cannot be recorded; it has not run
   */
  void record(long key, Function<NDManager, NDArray> call);

  /**
   * Replays a call.
   *
   * @return its result, valid until the next replay of any call
   */
  NDArray replay(NDManager owner, long key);

  /** Drops one recording, if there is one. Its memory is used again by later ones. */
  void drop(long key);

  /** Drops all recordings. */
  void drop();

  /** Memory of the device that recordings take, in bytes, as far as it is known. */
  long bytes();

  @Override
  void close();
}
