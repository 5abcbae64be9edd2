package dev.utter.speech.checkpoint.layout;

import dev.utter.speech.checkpoint.config.CsmConfig;
import dev.utter.speech.checkpoint.config.TransformerConfig;

/** Names and shapes of the language model's tensors, as transformers spells them. */
public final class CsmManifest {

  /** Table of audio embeddings of the backbone. */
  public static final String BACKBONE_AUDIO_TABLE =
      "backbone_model.embed_tokens.embed_audio_tokens.weight";

  /** Table of audio embeddings of the depth decoder. */
  public static final String DEPTH_AUDIO_TABLE = "depth_decoder.model.embed_tokens.weight";

  private CsmManifest() {}

  static void addTo(TensorManifest manifest, CsmConfig config) {
    long width = config.backbone().hiddenSize();
    long depthWidth = config.depthDecoder().transformer().hiddenSize();
    long audioRows = (long) config.codebooks() * config.vocabularySize();
    manifest
        .add("embed_text_tokens.weight", config.textVocabularySize(), width)
        .add(BACKBONE_AUDIO_TABLE, audioRows, width)
        .add(DEPTH_AUDIO_TABLE, audioRows, width)
        .add("lm_head.weight", config.vocabularySize(), width)
        .add("depth_decoder.model.inputs_embeds_projector.weight", depthWidth, width)
        .add(
            "depth_decoder.codebooks_head.weight",
            config.codebooks() - 1L,
            depthWidth,
            config.vocabularySize());
    addTransformer(manifest, "backbone_model.", config.backbone());
    addTransformer(manifest, "depth_decoder.model.", config.depthDecoder().transformer());
  }

  private static void addTransformer(
      TensorManifest manifest, String prefix, TransformerConfig sizes) {
    long width = sizes.hiddenSize();
    for (int i = 0; i < sizes.layers(); i++) {
      String layer = prefix + "layers." + i + ".";
      manifest
          .add(layer + "input_layernorm.weight", width)
          .add(layer + "post_attention_layernorm.weight", width)
          .add(layer + "mlp.gate_proj.weight", sizes.intermediateSize(), width)
          .add(layer + "mlp.up_proj.weight", sizes.intermediateSize(), width)
          .add(layer + "mlp.down_proj.weight", width, sizes.intermediateSize());
      addAttention(manifest, layer, sizes);
    }
    manifest.add(prefix + "norm.weight", width);
  }

  static void addAttention(TensorManifest manifest, String layer, TransformerConfig sizes) {
    manifest
        .add(layer + "self_attn.q_proj.weight", sizes.queryWidth(), sizes.hiddenSize())
        .add(layer + "self_attn.k_proj.weight", sizes.keyValueWidth(), sizes.hiddenSize())
        .add(layer + "self_attn.v_proj.weight", sizes.keyValueWidth(), sizes.hiddenSize())
        .add(layer + "self_attn.o_proj.weight", sizes.hiddenSize(), sizes.queryWidth());
  }
}
