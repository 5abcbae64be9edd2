package dev.utter.speech.checkpoint;

import ai.djl.ndarray.types.Shape;
import dev.utter.speech.checkpoint.config.TransformerConfig;
import dev.utter.speech.checkpoint.layout.CsmManifest;
import dev.utter.speech.checkpoint.tensor.StoredTensor;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Shows a checkpoint under the names and in the rotary rows of the original program and of moshi:
 * the inverse of {@link dev.utter.speech.checkpoint.layout}. Elements are rearranged when they are
 * read.
 */
public final class OriginalNames {

  private final Checkpoint checkpoint;

  public OriginalNames(Checkpoint checkpoint) {
    this.checkpoint = checkpoint;
  }

  /** The tensors of the program's own file. */
  public List<StoredTensor> languageModel() {
    List<StoredTensor> tensors = new ArrayList<>();
    for (StoredTensor tensor : checkpoint.tensors().values()) {
      if (!tensor.name().startsWith(Checkpoint.CODEC_PREFIX)
          && !tensor.name().equals(CsmManifest.DEPTH_AUDIO_TABLE)) {
        boolean backbone = tensor.name().startsWith("backbone_model.");
        TransformerConfig sizes =
            backbone
                ? checkpoint.config().backbone()
                : checkpoint.config().depthDecoder().transformer();
        tensors.add(adjacentPairs(tensor, sizes.headDim()).named(languageName(tensor.name())));
      }
    }
    return tensors;
  }

  /** The tensors of the codec's file. */
  public Collection<StoredTensor> codec() {
    Map<String, StoredTensor> tensors = new LinkedHashMap<>();
    checkpoint
        .tensors(Checkpoint.CODEC_PREFIX)
        .forEach(
            (name, tensor) -> {
              if (name.contains(".q_proj.")) {
                String fused = codecName(name.replace("q_proj.weight", "in_proj_weight"));
                tensors.put(fused, fuse(tensor).named(fused));
              } else if (!name.contains(".k_proj.") && !name.contains(".v_proj.")) {
                tensors.put(codecName(name), tensor.named(codecName(name)));
              }
            });
    return tensors.values();
  }

  private StoredTensor fuse(StoredTensor queries) {
    int headDim = checkpoint.config().codec().transformer().headDim();
    StoredTensor keys = sibling(queries, "k_proj");
    StoredTensor values = sibling(queries, "v_proj");
    long rows = queries.shape().get(0) + keys.shape().get(0) + values.shape().get(0);
    List<StoredTensor> parts =
        List.of(adjacentPairs(queries, headDim), adjacentPairs(keys, headDim), values);
    return new StoredTensor(
        queries.file(),
        queries.name(),
        queries.dtype(),
        new Shape(rows, queries.shape().get(1)),
        () -> join(parts));
  }

  private static ByteBuffer join(List<StoredTensor> parts) {
    long bytes = parts.stream().mapToLong(StoredTensor::bytes).sum();
    ByteBuffer joined = ByteBuffer.allocateDirect(Math.toIntExact(bytes));
    parts.forEach(part -> joined.put(part.data()));
    return joined.flip();
  }

  private StoredTensor sibling(StoredTensor queries, String name) {
    return checkpoint.tensor(queries.name().replace("q_proj", name));
  }

  private static StoredTensor adjacentPairs(StoredTensor tensor, int headDim) {
    if (!tensor.name().contains(".q_proj.") && !tensor.name().contains(".k_proj.")) {
      return tensor;
    }
    int rows = Math.toIntExact(tensor.shape().get(0));
    return tensor.rearranged(source -> adjacentPairs(source, rows, headDim));
  }

  private static ByteBuffer adjacentPairs(ByteBuffer source, int rows, int headDim) {
    int rowBytes = source.remaining() / rows;
    ByteBuffer target = ByteBuffer.allocateDirect(source.remaining());
    for (int head = 0; head < rows; head += headDim) {
      for (int pair = 0; pair < headDim / 2; pair++) {
        target.put(source.slice((head + pair) * rowBytes, rowBytes));
        target.put(source.slice((head + headDim / 2 + pair) * rowBytes, rowBytes));
      }
    }
    return target.flip();
  }

  private static String languageName(String name) {
    return name.replace("backbone_model.embed_tokens.embed_audio_tokens.", "audio_embeddings.")
        .replace("embed_text_tokens.", "text_embeddings.")
        .replace("lm_head.", "codebook0_head.")
        .replace("depth_decoder.codebooks_head.weight", "audio_head")
        .replace("depth_decoder.model.inputs_embeds_projector.", "projection.")
        .replace("depth_decoder.model.", "decoder.")
        .replace("backbone_model.", "backbone.")
        .replace("input_layernorm.weight", "sa_norm.scale")
        .replace("post_attention_layernorm.weight", "mlp_norm.scale")
        .replace(".norm.weight", ".norm.scale")
        .replace("self_attn.o_proj", "attn.output_proj")
        .replace("self_attn.", "attn.")
        .replace("gate_proj", "w1")
        .replace("down_proj", "w2")
        .replace("up_proj", "w3");
  }

  private String codecName(String name) {
    boolean transposed =
        name.startsWith("decoder.layers.")
            && name.matches("decoder\\.layers\\.\\d+\\.conv\\..*")
            && checkpoint.config().codec().ratios().size() * 3
                > Integer.parseInt(name.split("\\.")[2])
            && !name.startsWith("decoder.layers.0.");
    return name.replaceAll("^(downsample)\\.conv\\.", "$1.conv.conv.conv.")
        .replaceAll("^(upsample)\\.conv\\.", "$1.convtr.convtr.convtr.")
        .replaceAll(
            "^((?:encoder|decoder)\\.layers\\..*)\\bconv\\.(weight|bias)$",
            transposed ? "$1convtr.convtr.$2" : "$1conv.conv.$2")
        .replaceAll("^(encoder|decoder)\\.layers\\.", "$1.model.")
        .replace("_transformer.layers.", "_transformer.transformer.layers.")
        .replace("self_attn.o_proj", "self_attn.out_proj")
        .replace("input_layernorm.", "norm1.")
        .replace("post_attention_layernorm.", "norm2.")
        .replace("mlp.fc", "linear")
        .replace("self_attn_layer_scale.", "layer_scale_1.")
        .replace("mlp_layer_scale.", "layer_scale_2.")
        .replace(
            "quantizer.semantic_residual_vector_quantizer.layers.",
            "quantizer.rvq_first.vq.layers.")
        .replace(
            "quantizer.acoustic_residual_vector_quantizer.layers.", "quantizer.rvq_rest.vq.layers.")
        .replace("quantizer.semantic_residual_vector_quantizer.", "quantizer.rvq_first.")
        .replace("quantizer.acoustic_residual_vector_quantizer.", "quantizer.rvq_rest.")
        .replace(".codebook.embed_sum", "._codebook.embedding_sum")
        .replace(".codebook.initialized", "._codebook._initialized")
        .replace(".codebook.", "._codebook.");
  }
}
