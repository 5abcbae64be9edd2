package dev.utter.speech.checkpoint.config;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;

/** A model's settings as transformers' config.json spells them, which {@link CsmConfig} reads. */
public final class CsmConfigJson {

  private CsmConfigJson() {}

  /** The settings; audio tables are said to be tied, as they are in CSM-1B. */
  public static ObjectNode of(CsmConfig config) {
    ObjectNode node = JsonNodeFactory.instance.objectNode();
    node.put("model_type", "csm");
    node.put("num_codebooks", config.codebooks());
    node.put("vocab_size", config.vocabularySize());
    node.put("text_vocab_size", config.textVocabularySize());
    node.put("bos_token_id", config.bosId());
    node.put("pad_token_id", config.audioId());
    node.put("audio_token_id", config.audioId());
    node.put("audio_eos_token_id", config.audioEosId());
    node.put("codebook_pad_token_id", config.codebookPadId());
    node.put("codebook_eos_token_id", config.codebookEosId());
    node.put("tie_codebooks_embeddings", true);
    config.dtype().ifPresent(dtype -> node.put("torch_dtype", dtype));
    put(node, config.backbone(), "rms_norm_eps");
    ObjectNode depth = node.putObject("depth_decoder_config");
    depth.put("model_type", "csm_depth_decoder_model");
    depth.put("num_codebooks", config.depthDecoder().codebooks());
    depth.put("backbone_hidden_size", config.depthDecoder().backboneHiddenSize());
    depth.put("vocab_size", config.depthDecoder().vocabularySize());
    put(depth, config.depthDecoder().transformer(), "rms_norm_eps");
    put(node.putObject("codec_config"), config.codec());
    return node;
  }

  private static void put(ObjectNode node, MimiConfig codec) {
    node.put("model_type", "mimi");
    node.put("sampling_rate", codec.sampleRate());
    node.put("num_filters", codec.filters());
    ArrayNode ratios = node.putArray("upsampling_ratios");
    codec.ratios().forEach(ratios::add);
    node.put("kernel_size", codec.kernelSize());
    node.put("last_kernel_size", codec.lastKernelSize());
    node.put("residual_kernel_size", codec.residualKernelSize());
    node.put("compress", codec.compress());
    node.put("codebook_size", codec.codebookSize());
    node.put("codebook_dim", codec.codebookDim());
    node.put("vector_quantization_hidden_dimension", codec.codebookDim());
    node.put("num_quantizers", codec.codebooks());
    node.put("num_semantic_quantizers", codec.semanticCodebooks());
    node.put("upsample_groups", codec.upsampleGroups());
    node.put("sliding_window", codec.slidingWindow());
    put(node, codec.transformer(), "norm_eps");
  }

  private static void put(ObjectNode node, TransformerConfig sizes, String normField) {
    node.put("hidden_size", sizes.hiddenSize());
    node.put("intermediate_size", sizes.intermediateSize());
    node.put("num_hidden_layers", sizes.layers());
    node.put("num_attention_heads", sizes.attentionHeads());
    node.put("num_key_value_heads", sizes.keyValueHeads());
    node.put("head_dim", sizes.headDim());
    node.put("max_position_embeddings", sizes.maxPositions());
    node.put(normField, sizes.normEps());
    node.put("rope_theta", sizes.rope().theta());
    sizes.rope().scaling().ifPresent(scaling -> put(node.putObject("rope_scaling"), scaling));
  }

  private static void put(ObjectNode node, RopeScaling scaling) {
    node.put("rope_type", "llama3");
    node.put("factor", scaling.factor());
    node.put("low_freq_factor", scaling.lowFrequencyFactor());
    node.put("high_freq_factor", scaling.highFrequencyFactor());
    node.put("original_max_position_embeddings", scaling.originalMaxPositions());
  }
}
