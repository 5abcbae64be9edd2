package dev.utter.speech.csm;

import java.util.List;

/**
 * Intermediate numbers of one frame, for comparison with a reference.
 *
 * @param lastHidden the backbone's normalized hidden state, {@code (hidden)}
 * @param codebook0Logits {@code (vocabulary)}
 * @param depthLogits {@code (codebooks - 1, vocabulary)}
 */
public record FrameTrace(float[] lastHidden, float[] codebook0Logits, List<float[]> depthLogits) {

  public FrameTrace {
    depthLogits = List.copyOf(depthLogits);
  }
}
