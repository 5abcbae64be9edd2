package dev.utter.benchmarks.measure;

import dev.utter.speech.checkpoint.config.CsmConfig;
import dev.utter.speech.checkpoint.config.TransformerConfig;
import dev.utter.speech.csm.WeightMemory;
import dev.utter.speech.torch.EngineSettings;
import dev.utter.speech.torch.TorchEngine;

/**
 * Bytes of weights and caches that one step has to read, computed from the model's sizes: the
 * backbone and the projection once, the depth decoder once for every codebook after the first,
 * every head slice once, the cached keys and values of each stream. Tables that are only looked up,
 * and activations, are left out.
 *
 * @param weightBytes read once per step, however many streams there are
 * @param cacheBytesPerPosition keys and values of the backbone, per stream and cached position
 * @param depthCacheBytes keys and values the depth decoder's passes read, per stream
 */
public record FrameTraffic(
    double weightBytes, double cacheBytesPerPosition, double depthCacheBytes) {

  /**
   * Bytes of one number.
   *
   * @param layers of the matrices of backbone and depth decoder; norms are counted with them
   * @param depthMlp of the MLPs of the depth decoder
   * @param heads of the heads and the projection
   * @param cache of keys and values
   */
  public record Widths(int layers, double depthMlp, int heads, int cache) {

    /** As the engine holds them on its device. */
    public static Widths of(TorchEngine engine) {
      return of(engine.settings(), engine.hasCpuOperators());
    }

    /**
     * As an engine with these settings holds them.
     *
     * @param ownOperators whether the engine has its own, with which heads are held in 8 bit too
     */
    static Widths of(EngineSettings engine, boolean ownOperators) {
      int activations = engine.device().equals("cpu") ? 4 : 2;
      return switch (engine.precision()) {
        case FLOAT32 -> new Widths(4, 4, 4, 4);
        case BFLOAT16 -> new Widths(2, 2, 2, 2);
        case FLOAT16 -> new Widths(2, 2, 2, activations);
        case INT8 -> new Widths(1, 1, ownOperators ? 1 : 2, activations);
        case INT4 ->
            new Widths(
                1, ownOperators ? WeightMemory.INT4_BYTES : 1, ownOperators ? 1 : 2, activations);
      };
    }
  }

  /**
   * Of a model.
   *
   * @param widths bytes of its numbers
   */
  public static FrameTraffic of(CsmConfig config, Widths widths) {
    TransformerConfig backbone = config.backbone();
    TransformerConfig depth = config.depthDecoder().transformer();
    long passes = config.codebooks() - 1L;
    long vocabulary = config.vocabularySize();
    long projection = (long) depth.hiddenSize() * backbone.hiddenSize();
    long inLayers = layers(backbone) + passes * layers(depth);
    double inDepthMlps = (double) passes * depth.layers() * mlp(depth);
    long outside =
        vocabulary * backbone.hiddenSize() + projection + passes * vocabulary * depth.hiddenSize();
    // The pass for codebook k reads k + 1 positions.
    long depthPositions = passes * (passes + 3) / 2;
    return new FrameTraffic(
        (inLayers - inDepthMlps) * widths.layers()
            + inDepthMlps * widths.depthMlp()
            + outside * widths.heads(),
        cached(backbone) * widths.cache(),
        cached(depth) * depthPositions * widths.cache());
  }

  private static long layers(TransformerConfig sizes) {
    long hidden = sizes.hiddenSize();
    long attention = 2 * hidden * sizes.queryWidth() + 2 * hidden * sizes.keyValueWidth();
    return sizes.layers() * (attention + mlp(sizes) + 2 * hidden) + hidden;
  }

  private static long mlp(TransformerConfig sizes) {
    return 3L * sizes.hiddenSize() * sizes.intermediateSize();
  }

  private static long cached(TransformerConfig sizes) {
    return 2L * sizes.layers() * sizes.keyValueWidth();
  }

  /** Bytes that one step reads, by number of streams and positions of each. */
  public double bytesPerStep(int streams, double positions) {
    return weightBytes + streams * (cacheBytesPerPosition * positions + depthCacheBytes);
  }
}
