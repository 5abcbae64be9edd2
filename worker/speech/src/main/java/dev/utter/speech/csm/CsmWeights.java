package dev.utter.speech.csm;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import dev.utter.speech.checkpoint.Checkpoint;
import dev.utter.speech.checkpoint.CsmConfig;
import dev.utter.speech.checkpoint.Dtype;
import dev.utter.speech.checkpoint.StoredTensor;
import dev.utter.speech.checkpoint.TransformerConfig;
import dev.utter.speech.torch.TorchEngine;
import dev.utter.speech.torch.TorchProgram;
import java.util.Arrays;
import java.util.List;
import java.util.OptionalLong;
import java.util.SortedMap;
import java.util.stream.Stream;

/** Hands a checkpoint's weights to the program, one layer at a time so that few are held twice. */
final class CsmWeights {

  private static final String BACKBONE = "backbone_model.";
  private static final String DEPTH = "depth_decoder.model.";
  private static final String AUDIO_TABLE = BACKBONE + "embed_tokens.embed_audio_tokens.weight";
  private static final String DEPTH_TABLE = DEPTH + "embed_tokens.weight";

  /** Queries with keys and values, output, gate with up, down. */
  private static final int MATRICES_PER_LAYER = 4;

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
  private final KernelPlans plans;

  CsmWeights(TorchEngine engine, TorchProgram program, Checkpoint checkpoint) {
    this.engine = engine;
    this.program = program;
    this.checkpoint = checkpoint;
    this.plans = new KernelPlans(engine, program);
  }

  /** Hands everything over and says which kernels were chosen, by the matrix's shape. */
  SortedMap<String, String> handOver() {
    CsmConfig config = checkpoint.config();
    try (NDManager scope = engine.newScope()) {
      program.run(
          scope,
          "set_sizes",
          plans.activationType(),
          config.codebooks(),
          config.vocabularySize(),
          config.codec().codebookSize(),
          1 + config.codebooks(),
          1 + config.codebooks() + MATRICES_PER_LAYER * config.backbone().layers());
    }
    plans.prepare();
    tables();
    heads();
    backbone(config.backbone());
    depthDecoder(config.depthDecoder().transformer());
    return plans.chosen();
  }

  private void tables() {
    try (NDManager scope = engine.newScope()) {
      NDArray audioTable = table(scope, AUDIO_TABLE);
      boolean shared =
          checkpoint.tensors().get(AUDIO_TABLE).holdsSame(checkpoint.tensors().get(DEPTH_TABLE));
      NDList tables =
          new NDList(
              table(scope, "embed_text_tokens.weight"),
              audioTable,
              // The configuration does not decide: checkpoints exist that call themselves tied and
              // hold two different tables, and transformers then uses both.
              shared ? audioTable : table(scope, DEPTH_TABLE));
      program.run(scope, "set_tables", tables);
    }
  }

  /**
   * A table of which a few rows are read for each frame stays in its file, mapped: it takes no time
   * to load, and processes that use the same file share it.
   */
  private NDArray table(NDManager scope, String name) {
    StoredTensor stored = checkpoint.tensors().get(name);
    OptionalLong offset = stored.fileOffset();
    boolean mappable =
        !engine.device().isGpu()
            && stored.dtype() == Dtype.F32
            && offset.isPresent()
            && offset.getAsLong() % Float.BYTES == 0;
    if (!mappable) {
      return stored.toNDArray(scope);
    }
    return program
        .run(
            scope,
            "map_table",
            stored.file().toString(),
            offset.getAsLong(),
            stored.shape().get(0),
            stored.shape().get(1))
        .singletonOrThrow();
  }

  private void heads() {
    matrix("lm_head.weight");
    matrix(DEPTH + "inputs_embeds_projector.weight");
    StoredTensor heads = checkpoint.tensors().get("depth_decoder.codebooks_head.weight");
    long[] plan = plans.outside(heads.shape().get(2), heads.shape().get(1));
    for (int book = 0; book < heads.shape().get(0); book++) {
      try (NDManager scope = engine.newScope()) {
        NDArray head = heads.rows("head", book, book + 1L).toNDArray(scope).squeeze(0);
        program.run(scope, "add_matrix", head.transpose(), plan);
      }
    }
  }

  private void matrix(String name) {
    try (NDManager scope = engine.newScope()) {
      NDArray matrix = tensor(scope, name);
      long[] plan = plans.outside(matrix.getShape().get(0), matrix.getShape().get(1));
      program.run(scope, "add_matrix", matrix, plan);
    }
  }

  private void backbone(TransformerConfig config) {
    layers(BACKBONE, config);
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
    layers(DEPTH, config);
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

  private void layers(String prefix, TransformerConfig config) {
    int heads = config.attentionHeads();
    int groups = config.keyValueHeads();
    int width = config.hiddenSize();
    long[] layerPlans =
        Stream.of(
                plans.inside(config.queryWidth() + 2L * config.keyValueWidth(), width),
                plans.inside(width, config.queryWidth()),
                plans.inside(2L * config.intermediateSize(), width),
                plans.inside(width, config.intermediateSize()))
            .flatMapToLong(Arrays::stream)
            .toArray();
    for (int i = 0; i < config.layers(); i++) {
      try (NDManager scope = engine.newScope()) {
        NDList layer = new NDList();
        for (String name : LAYER) {
          layer.add(tensor(scope, prefix + "layers." + i + "." + name + ".weight"));
        }
        program.run(scope, "add_layer", layer, heads, groups, layerPlans);
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
