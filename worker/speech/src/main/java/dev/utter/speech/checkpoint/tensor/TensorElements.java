package dev.utter.speech.checkpoint.tensor;

import java.nio.ByteBuffer;

/** Where a tensor's elements come from: row-major and little-endian. */
@FunctionalInterface
public interface TensorElements {

  /** All elements, in a buffer of exactly the tensor's bytes at position 0. */
  ByteBuffer open();

  /** Fills {@code target} with the bytes from {@code from} on, without opening all of them. */
  default void read(long from, ByteBuffer target) {
    target.put(open().slice(Math.toIntExact(from), target.remaining()));
  }

  /** Whether {@link #read} takes no more memory than it fills. */
  default boolean readsParts() {
    return false;
  }

  /** The elements of {@code bytes} bytes from {@code from} on. */
  default TensorElements part(long from, long bytes) {
    return () -> open().slice(Math.toIntExact(from), Math.toIntExact(bytes));
  }
}
