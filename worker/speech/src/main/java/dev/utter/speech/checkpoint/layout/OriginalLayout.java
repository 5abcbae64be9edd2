package dev.utter.speech.checkpoint.layout;

import dev.utter.speech.checkpoint.config.CsmConfig;
import dev.utter.speech.checkpoint.tensor.StoredTensor;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.regex.Pattern;

/**
 * Shows the original program's weights under transformers' names. The original rotates adjacent
 * rows of a head, transformers rows half a head apart, so the rows of queries and keys move.
 */
public final class OriginalLayout {

  /** A tensor only this layout has. */
  public static final String SIGNATURE = "text_embeddings.weight";

  /** State of the original program that its torch checkpoint may carry along. */
  private static final Pattern BUFFER =
      Pattern.compile(".*(causal_mask|\\.kv_cache\\..*|\\.pos_embeddings\\..*)");

  private static final Map<String, String> WHOLE_NAMES =
      Map.of(
          SIGNATURE,
          "embed_text_tokens.weight",
          "projection.weight",
          "depth_decoder.model.inputs_embeds_projector.weight",
          "codebook0_head.weight",
          "lm_head.weight",
          "audio_head",
          "depth_decoder.codebooks_head.weight");

  private static final Map<String, String> PARTS =
      Map.of(
          "sa_norm.scale", "input_layernorm.weight",
          "mlp_norm.scale", "post_attention_layernorm.weight",
          "norm.scale", "norm.weight",
          "attn.output_proj.", "self_attn.o_proj.",
          "attn.", "self_attn.",
          "mlp.w1.", "mlp.gate_proj.",
          "mlp.w2.", "mlp.down_proj.",
          "mlp.w3.", "mlp.up_proj.");

  private static final Pattern LAYERED =
      Pattern.compile(
          "(backbone|decoder)\\.(layers\\.\\d+\\.)?"
              + "(sa_norm\\.scale|mlp_norm\\.scale|norm\\.scale"
              + "|attn\\.output_proj\\.|attn\\.|mlp\\.w[123]\\.)(.*)");

  private OriginalLayout() {}

  /** The tensors under transformers' names, their rows in its order. */
  public static Map<String, StoredTensor> toTransformers(
      Map<String, StoredTensor> original, CsmConfig config) {
    Map<String, StoredTensor> tensors = new LinkedHashMap<>();
    for (StoredTensor tensor : original.values()) {
      if (tensor.name().equals("audio_embeddings.weight")) {
        put(tensors, tensor.named(CsmManifest.BACKBONE_AUDIO_TABLE));
        put(tensors, tensor.named(CsmManifest.DEPTH_AUDIO_TABLE));
      } else if (!BUFFER.matcher(tensor.name()).matches()) {
        int headDim =
            tensor.name().startsWith("backbone.")
                ? config.backbone().headDim()
                : config.depthDecoder().transformer().headDim();
        put(tensors, RotaryRows.toHalfSplit(tensor.named(rename(tensor.name())), headDim));
      }
    }
    return tensors;
  }

  private static String rename(String name) {
    if (WHOLE_NAMES.containsKey(name)) {
      return WHOLE_NAMES.get(name);
    }
    var layered = LAYERED.matcher(name);
    if (!layered.matches()) {
      return name;
    }
    String model = layered.group(1).equals("backbone") ? "backbone_model." : "depth_decoder.model.";
    String layer = layered.group(2) == null ? "" : layered.group(2);
    return model + layer + PARTS.get(layered.group(3)) + layered.group(4);
  }

  private static void put(Map<String, StoredTensor> tensors, StoredTensor tensor) {
    tensors.put(tensor.name(), tensor);
  }
}
