package dev.utter.cli.bench.engine;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.utter.speech.checkpoint.CsmConfig;
import dev.utter.speech.checkpoint.MimiConfig;
import dev.utter.speech.checkpoint.TransformerConfig;

/** A model's sizes in the names that transformers' configuration has for them. */
final class PeerModelConfig {
  private PeerModelConfig() {}

  static ObjectNode of(CsmConfig config) {
    ObjectNode node = JsonNodeFactory.instance.objectNode();
    node.put("num_codebooks", config.codebooks());
    node.put("vocab_size", config.vocabularySize());
    node.put("text_vocab_size", config.textVocabularySize());
    node.put("bos_token_id", config.bosId());
    node.put("pad_token_id", config.audioId());
    node.put("audio_token_id", config.audioId());
    node.put("audio_eos_token_id", config.audioEosId());
    node.put("codebook_pad_token_id", config.codebookPadId());
    node.put("codebook_eos_token_id", config.codebookEosId());
    put(node, config.backbone());
    ObjectNode depth = node.putObject("depth_decoder_config");
    depth.put("num_codebooks", config.codebooks());
    depth.put("backbone_hidden_size", config.backbone().hiddenSize());
    depth.put("vocab_size", config.vocabularySize());
    put(depth, config.depthDecoder().transformer());
    put(node.putObject("codec_config"), config.codec());
    return node;
  }

  private static void put(ObjectNode node, MimiConfig codec) {
    node.put("model_type", "mimi");
    node.put("sampling_rate", codec.sampleRate());
    node.put("num_filters", codec.filters());
    ArrayNode ratios = node.putArray("upsampling_ratios");
    codec.ratios().forEach(ratio -> ratios.add(ratio));
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
    put(node, codec.transformer());
  }

  private static void put(ObjectNode node, TransformerConfig sizes) {
    node.put("hidden_size", sizes.hiddenSize());
    node.put("intermediate_size", sizes.intermediateSize());
    node.put("num_hidden_layers", sizes.layers());
    node.put("num_attention_heads", sizes.attentionHeads());
    node.put("num_key_value_heads", sizes.keyValueHeads());
    node.put("head_dim", sizes.headDim());
    node.put("max_position_embeddings", sizes.maxPositions());
  }
}
