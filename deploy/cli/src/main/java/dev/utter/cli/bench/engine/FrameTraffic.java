package dev.utter.cli.bench.engine;

import dev.utter.speech.checkpoint.CsmConfig;
import dev.utter.speech.checkpoint.TransformerConfig;

/**
 * Bytes of weights and caches that one step has to read, computed from the model's sizes: the
 * backbone once, the depth decoder once for every codebook after the first, every head slice once,
 * the cached keys and values of each stream. Tables that are only looked up, and activations, are
 * left out.
 *
 * @param weightBytes read once per step, however many streams there are
 * @param cacheBytesPerPosition keys and values of the backbone, per stream and cached position
 * @param depthCacheBytes keys and values the depth decoder's passes read, per stream
 */
record FrameTraffic(double weightBytes, double cacheBytesPerPosition, double depthCacheBytes) {

  /**
   * Of a model.
   *
   * @param bytesPerWeight of the products; norms are counted with them
   * @param bytesPerActivation of keys and values
   */
  static FrameTraffic of(CsmConfig config, double bytesPerWeight, double bytesPerActivation) {
    TransformerConfig backbone = config.backbone();
    TransformerConfig depth = config.depthDecoder().transformer();
    long passes = config.codebooks() - 1;
    long vocabulary = config.vocabularySize();
    long projection = (long) depth.hiddenSize() * backbone.hiddenSize();
    long weights =
        layers(backbone)
            + vocabulary * backbone.hiddenSize()
            + passes * (layers(depth) + projection)
            + passes * vocabulary * depth.hiddenSize();
    // The pass for codebook k reads k + 1 positions.
    long depthPositions = passes * (passes + 3) / 2;
    return new FrameTraffic(
        weights * bytesPerWeight,
        cached(backbone) * bytesPerActivation,
        cached(depth) * depthPositions * bytesPerActivation);
  }

  private static long layers(TransformerConfig sizes) {
    long hidden = sizes.hiddenSize();
    long attention = 2 * hidden * sizes.queryWidth() + 2 * hidden * sizes.keyValueWidth();
    long mlp = 3 * hidden * sizes.intermediateSize();
    return sizes.layers() * (attention + mlp + 2 * hidden) + hidden;
  }

  private static long cached(TransformerConfig sizes) {
    return 2L * sizes.layers() * sizes.keyValueWidth();
  }

  /** Bytes one step reads for so many streams of so many positions each. */
  double bytesPerStep(int streams, double positions) {
    return weightBytes + streams * (cacheBytesPerPosition * positions + depthCacheBytes);
  }
}
