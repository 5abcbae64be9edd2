package dev.utter.speech.checkpoint.config;

/**
 * Sizes of the depth decoder, which generates the codebooks of one frame after the first.
 *
 * @param codebooks codes per frame, the backbone's first one included
 * @param backboneHiddenSize width of the backbone, and of the audio embeddings
 * @param vocabularySize entries of one codebook's logits
 * @param transformer the transformer's sizes
 */
public record DepthDecoderConfig(
    int codebooks, int backboneHiddenSize, int vocabularySize, TransformerConfig transformer) {

  private static final TransformerConfig ABSENT =
      new TransformerConfig(1024, 8192, 4, 8, 2, 128, 33, 1e-5, CsmConfig.ABSENT_ROPE);

  /** Reads {@code depth_decoder_config}; absent fields take transformers' defaults. */
  static DepthDecoderConfig read(ConfigFields fields) {
    fields.demand("hidden_act", "silu");
    return new DepthDecoderConfig(
        fields.count("num_codebooks", 32),
        fields.count("backbone_hidden_size", 2048),
        fields.count("vocab_size", 2051),
        TransformerConfig.read(fields, ABSENT, "rms_norm_eps"));
  }
}
