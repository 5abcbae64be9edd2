package dev.utter.speech.checkpoint.layout;

import dev.utter.speech.checkpoint.config.TransformerConfig;
import dev.utter.speech.checkpoint.tensor.StoredTensor;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Shows Mimi's own file, as published beside moshi, under transformers' names. Its transformers
 * rotate adjacent rows and keep queries, keys and values in one matrix.
 */
public final class MoshiLayout {

  private static final String FUSED = "self_attn.in_proj_weight";

  private record Rule(String pattern, String replacement) {}

  private static final List<Rule> RULES =
      List.of(
          new Rule("^(encoder|decoder)\\.model\\.", "$1.layers."),
          new Rule("^(downsample|upsample)\\.(conv|convtr)\\.\\2\\.\\2\\.", "$1.conv."),
          new Rule("\\.(conv|convtr)\\.\\1\\.", ".conv."),
          new Rule("_transformer\\.transformer\\.", "_transformer."),
          new Rule("\\.self_attn\\.out_proj\\.", ".self_attn.o_proj."),
          new Rule("\\.norm1\\.", ".input_layernorm."),
          new Rule("\\.norm2\\.", ".post_attention_layernorm."),
          new Rule("\\.linear([12])\\.", ".mlp.fc$1."),
          new Rule("\\.layer_scale_1\\.", ".self_attn_layer_scale."),
          new Rule("\\.layer_scale_2\\.", ".mlp_layer_scale."),
          new Rule("^quantizer\\.rvq_first\\.", "quantizer.semantic_residual_vector_quantizer."),
          new Rule("^quantizer\\.rvq_rest\\.", "quantizer.acoustic_residual_vector_quantizer."),
          new Rule("\\.vq\\.layers\\.(\\d+)\\._codebook\\.", ".layers.$1.codebook."),
          new Rule("\\.embedding_sum$", ".embed_sum"),
          new Rule("\\._initialized$", ".initialized"));

  /** A tensor only this layout has. */
  private static final String SIGNATURE = "encoder.model.0.conv.conv.weight";

  private MoshiLayout() {}

  /** Whether tensors have the names that moshi gives them. */
  public static boolean isLayoutOf(Map<String, StoredTensor> tensors) {
    return tensors.containsKey(SIGNATURE);
  }

  /** The tensors under transformers' names, their rows in its order. */
  public static Map<String, StoredTensor> toTransformers(
      Map<String, StoredTensor> moshi, String prefix, TransformerConfig sizes) {
    Map<String, StoredTensor> tensors = new LinkedHashMap<>();
    for (StoredTensor tensor : moshi.values()) {
      String name = prefix + rename(tensor.name());
      for (StoredTensor part : split(tensor.named(name), sizes)) {
        tensors.put(part.name(), RotaryRows.toHalfSplit(part, sizes.headDim()));
      }
    }
    return tensors;
  }

  private static String rename(String name) {
    String renamed = name;
    for (Rule rule : RULES) {
      renamed = renamed.replaceAll(rule.pattern(), rule.replacement());
    }
    return renamed;
  }

  private static List<StoredTensor> split(StoredTensor tensor, TransformerConfig sizes) {
    long keys = sizes.queryWidth();
    long values = keys + sizes.keyValueWidth();
    long end = values + sizes.keyValueWidth();
    boolean fused = tensor.name().endsWith(FUSED) && tensor.shape().dimension() == 2;
    // A fused matrix of another height is left for the manifest to refuse.
    if (!fused || tensor.shape().get(0) != end) {
      return List.of(tensor);
    }
    String attention = tensor.name().substring(0, tensor.name().length() - FUSED.length());
    return List.of(
        tensor.rows(attention + "self_attn.q_proj.weight", 0, keys),
        tensor.rows(attention + "self_attn.k_proj.weight", keys, values),
        tensor.rows(attention + "self_attn.v_proj.weight", values, end));
  }
}
