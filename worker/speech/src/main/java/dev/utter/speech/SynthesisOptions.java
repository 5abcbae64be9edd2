package dev.utter.speech;

/**
 * How to generate. The same options, seed included, give the same samples for the same utterance,
 * model and device kind; to the last bit, independent of other utterances, where the model was
 * loaded with {@link dev.utter.speech.engine.GenerationSettings#strict}, else up to rounding.
 *
 * @param maxFrames maximum number of frames to generate, at least 1
 * @param temperature divides the logits before sampling; finite and above 0
 * @param topK number of most probable codes to sample from, at least 1; a value above the
 *     vocabulary keeps all; 1 is greedy
 * @param seed key of the sampling noise; has no influence on greedy generation
 */
public record SynthesisOptions(int maxFrames, float temperature, int topK, long seed) {

  public SynthesisOptions {
    if (maxFrames < 1) {
      throw new IllegalArgumentException("maxFrames is " + maxFrames + ", must be at least 1");
    }
    if (!(temperature > 0) || Float.isInfinite(temperature)) {
      throw new IllegalArgumentException(
          "temperature is " + temperature + ", must be finite and above 0");
    }
    if (topK < 1) {
      throw new IllegalArgumentException("topK is " + topK + ", must be at least 1");
    }
  }

  /** Always takes the most probable code. */
  public static SynthesisOptions greedy(int maxFrames) {
    return new SynthesisOptions(maxFrames, 1f, 1, 0);
  }

  /** Sampling as the model's authors use it: temperature 0.9, top-k 50. */
  public static SynthesisOptions sampled(int maxFrames, long seed) {
    return new SynthesisOptions(maxFrames, 0.9f, 50, seed);
  }

  /** Whether the most probable code is always taken. */
  public boolean isGreedy() {
    return topK == 1;
  }
}
