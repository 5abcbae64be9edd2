package dev.utter.speech.csm;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import dev.utter.speech.checkpoint.Checkpoint;
import dev.utter.speech.checkpoint.CsmConfig;
import dev.utter.speech.checkpoint.StoredTensor;
import dev.utter.speech.checkpoint.TransformerConfig;
import dev.utter.speech.torch.TorchEngine;
import dev.utter.speech.torch.TorchProgram;
import java.util.List;

/** Hands a checkpoint's weights to the program, one layer at a time so that few are held twice. */
final class CsmWeights {

  private static final String BACKBONE = "backbone_model.";
  private static final String DEPTH = "depth_decoder.model.";
  private static final String AUDIO_TABLE = BACKBONE + "embed_tokens.embed_audio_tokens.weight";
  private static final String DEPTH_TABLE = DEPTH + "embed_tokens.weight";

  /** In the order {@code add_layer} takes them. */
  private static final List<String> LAYER =
      List.of(
          "input_layernorm",
          "self_attn.q_proj",
          "self_attn.k_proj",
          "self_attn.v_proj",
          "self_attn.o_proj",
          "post_attention_layernorm",
          "mlp.gate_proj",
          "mlp.up_proj",
          "mlp.down_proj");

  private final TorchEngine engine;
  private final TorchProgram program;
  private final Checkpoint checkpoint;

  CsmWeights(TorchEngine engine, TorchProgram program, Checkpoint checkpoint) {
    this.engine = engine;
    this.program = program;
    this.checkpoint = checkpoint;
  }

  void handOver() {
    CsmConfig config = checkpoint.config();
    try (NDManager scope = engine.newScope()) {
      program.run(
          scope,
          "set_sizes",
          engine.settings().precision().scalarType(),
          config.codebooks(),
          config.vocabularySize(),
          config.codec().codebookSize());
    }
    tables();
    backbone(config.backbone());
    depthDecoder(config.depthDecoder().transformer());
  }

  private void tables() {
    try (NDManager scope = engine.newScope()) {
      NDArray audioTable = tensor(scope, AUDIO_TABLE);
      NDList tables =
          new NDList(
              tensor(scope, "embed_text_tokens.weight"),
              audioTable,
              sharesAudioTable() ? audioTable : tensor(scope, DEPTH_TABLE),
              tensor(scope, "lm_head.weight"),
              tensor(scope, DEPTH + "inputs_embeds_projector.weight"),
              tensor(scope, "depth_decoder.codebooks_head.weight"));
      program.run(scope, "set_tables", tables);
    }
  }

  /**
   * Whether the stored tables are one. The configuration does not decide: checkpoints exist that
   * call themselves tied and hold two different tables, and transformers then uses both.
   */
  private boolean sharesAudioTable() {
    StoredTensor backbone = checkpoint.tensors().get(AUDIO_TABLE);
    StoredTensor depth = checkpoint.tensors().get(DEPTH_TABLE);
    return backbone.dtype() == depth.dtype() && backbone.data().mismatch(depth.data()) < 0;
  }

  private void backbone(TransformerConfig config) {
    layers(BACKBONE, config, false);
    try (NDManager scope = engine.newScope()) {
      program.run(
          scope,
          "set_backbone",
          tensor(scope, BACKBONE + "norm.weight"),
          frequencies(scope, config),
          config.maxPositions(),
          config.attentionHeads(),
          config.keyValueHeads(),
          config.normEps());
    }
  }

  private void depthDecoder(TransformerConfig config) {
    layers(DEPTH, config, true);
    try (NDManager scope = engine.newScope()) {
      program.run(
          scope,
          "set_depth",
          tensor(scope, DEPTH + "norm.weight"),
          frequencies(scope, config),
          config.attentionHeads(),
          config.keyValueHeads(),
          config.normEps());
    }
  }

  private void layers(String prefix, TransformerConfig config, boolean toDepth) {
    for (int i = 0; i < config.layers(); i++) {
      try (NDManager scope = engine.newScope()) {
        NDList layer = new NDList();
        for (String name : LAYER) {
          layer.add(tensor(scope, prefix + "layers." + i + "." + name + ".weight"));
        }
        program.run(scope, "add_layer", toDepth, layer);
      }
    }
  }

  private static NDArray frequencies(NDManager scope, TransformerConfig config) {
    return scope.create(config.rope().inverseFrequencies(config.headDim()));
  }

  private NDArray tensor(NDManager scope, String name) {
    return checkpoint.tensors().get(name).toNDArray(scope);
  }
}
