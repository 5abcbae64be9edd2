package dev.utter.speech.checkpoint.layout;

import dev.utter.speech.checkpoint.tensor.StoredTensor;
import java.nio.ByteBuffer;

/** Moves the rows of query and key projections from adjacent to half-split rotary pairs. */
final class RotaryRows {

  private RotaryRows() {}

  /** Rearranges query and key projections (named as transformers does); others pass unchanged. */
  static StoredTensor toHalfSplit(StoredTensor tensor, int headDim) {
    boolean rotated =
        tensor.name().endsWith(".q_proj.weight") || tensor.name().endsWith(".k_proj.weight");
    // A tensor of another shape is left for the manifest to refuse.
    if (!rotated || tensor.shape().dimension() != 2 || tensor.shape().get(0) % headDim != 0) {
      return tensor;
    }
    int rows = Math.toIntExact(tensor.shape().get(0));
    return tensor.rearranged(buffer -> halfSplit(buffer, rows, headDim));
  }

  /** Row {@code h D + c D/2 + j} of the result is row {@code h D + 2j + c} of the source. */
  private static ByteBuffer halfSplit(ByteBuffer source, int rows, int headDim) {
    int rowBytes = source.remaining() / rows;
    ByteBuffer result = ByteBuffer.allocateDirect(source.remaining());
    for (int row = 0; row < rows; row++) {
      int head = row / headDim * headDim;
      int half = row % headDim / (headDim / 2);
      int pair = row % (headDim / 2);
      result.put(source.slice((head + 2 * pair + half) * rowBytes, rowBytes));
    }
    return result.flip();
  }
}
