package dev.utter.speech.checkpoint.config;

import static java.util.Objects.requireNonNull;

/**
 * Sizes of a decoder-only transformer.
 *
 * @param hiddenSize width
 * @param intermediateSize width inside the MLP
 * @param layers number of layers
 * @param attentionHeads query heads
 * @param keyValueHeads key and value heads; divides {@code attentionHeads}
 * @param headDim width of one head; even
 * @param maxPositions positions the model was made for
 * @param normEps epsilon of the norms
 * @param rope rotary position embedding
 */
public record TransformerConfig(
    int hiddenSize,
    int intermediateSize,
    int layers,
    int attentionHeads,
    int keyValueHeads,
    int headDim,
    int maxPositions,
    double normEps,
    RopeConfig rope) {

  public TransformerConfig {
    if (attentionHeads % keyValueHeads != 0) {
      throw new IllegalArgumentException(
          "attentionHeads is "
              + attentionHeads
              + ", must be a multiple of keyValueHeads "
              + keyValueHeads);
    }
    if (headDim % 2 != 0) {
      throw new IllegalArgumentException("headDim is " + headDim + ", must be even");
    }
    requireNonNull(rope, "rope is null");
  }

  /** Width of all query heads together. */
  public int queryWidth() {
    return attentionHeads * headDim;
  }

  /** Width of all key heads together, the same as of all value heads. */
  public int keyValueWidth() {
    return keyValueHeads * headDim;
  }

  /** Reads the fields the transformers of CSM and Mimi share; {@code absent} gives the defaults. */
  static TransformerConfig read(ConfigFields fields, TransformerConfig absent, String normField) {
    fields.demand("attention_bias", false);
    fields.demand("mlp_bias", false);
    int hidden = fields.count("hidden_size", absent.hiddenSize());
    int heads = fields.count("num_attention_heads", absent.attentionHeads());
    int keyValueHeads = fields.count("num_key_value_heads", absent.keyValueHeads());
    if (heads % keyValueHeads != 0) {
      throw fields.refuse(
          "num_key_value_heads", "must divide num_attention_heads, which is " + heads);
    }
    int headDim = fields.count("head_dim", hidden / heads);
    if (headDim % 2 != 0) {
      throw fields.refuse("head_dim", "must be even; without it, hidden_size / heads must be");
    }
    return new TransformerConfig(
        hidden,
        fields.count("intermediate_size", absent.intermediateSize()),
        fields.count("num_hidden_layers", absent.layers()),
        heads,
        keyValueHeads,
        headDim,
        fields.count("max_position_embeddings", absent.maxPositions()),
        fields.positive(normField, absent.normEps()),
        RopeConfig.read(fields, absent.rope().theta()));
  }
}
