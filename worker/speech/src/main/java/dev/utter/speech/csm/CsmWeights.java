package dev.utter.speech.csm;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import dev.utter.speech.checkpoint.Checkpoint;
import dev.utter.speech.checkpoint.config.CsmConfig;
import dev.utter.speech.checkpoint.config.TransformerConfig;
import dev.utter.speech.checkpoint.tensor.Dtype;
import dev.utter.speech.checkpoint.tensor.StoredTensor;
import dev.utter.speech.torch.TorchEngine;
import dev.utter.speech.torch.TorchProgram;
import java.util.OptionalLong;
import java.util.SortedMap;
import java.util.function.BiFunction;
import java.util.stream.Stream;

/** Hands a checkpoint's weights to the program, one layer at a time so that few are held twice. */
final class CsmWeights {

  private static final String BACKBONE = "backbone_model.";
  private static final String DEPTH = "depth_decoder.model.";
  private static final String AUDIO_TABLE = BACKBONE + "embed_tokens.embed_audio_tokens.weight";
  private static final String DEPTH_TABLE = DEPTH + "embed_tokens.weight";
  private static final String PROJECTION = DEPTH + "inputs_embeds_projector.weight";

  private final TorchEngine engine;
  private final TorchProgram program;
  private final Checkpoint checkpoint;
  private final KernelPlans plans;

  CsmWeights(TorchEngine engine, TorchProgram program, Checkpoint checkpoint) {
    this.engine = engine;
    this.program = program;
    this.checkpoint = checkpoint;
    this.plans = KernelPlans.of(engine);
  }

  /**
   * Hands over all weights. Returns the storage and the kernels that were chosen, by matrix shape.
   */
  SortedMap<String, String> handOver() {
    CsmConfig config = checkpoint.config();
    try (NDManager scope = engine.newScope()) {
      program.run(
          scope,
          "set_sizes",
          plans.activationType().code(),
          config.codebooks(),
          config.vocabularySize(),
          config.codec().codebookSize());
    }
    prepare();
    tables();
    heads();
    backbone(config.backbone());
    depthDecoder(config.depthDecoder().transformer());
    return plans.chosen();
  }

  private void prepare() {
    try (NDManager scope = engine.newScope()) {
      if (plans.packsInt8()) {
        program.run(scope, "set_packed_qmax");
      }
      if (plans.customAttention()) {
        program.run(scope, "use_cpu_attention");
      }
    }
  }

  /** Whether the CPU operators do all products and the attention of a frame step. */
  boolean customSteps() {
    return plans.customSteps();
  }

  /** Bytes of one number of the activations and of the KV caches. */
  int elementBytes() {
    return plans.activationType().bytes();
  }

  private void tables() {
    try (NDManager scope = engine.newScope()) {
      program.run(
          scope,
          "set_tables",
          new NDList(table(scope, "embed_text_tokens.weight"), table(scope, AUDIO_TABLE)));
      // A separate mapping, even if it equals the audio table: its pages are released afterwards.
      program.run(
          scope,
          "set_depth_tables",
          table(scope, DEPTH_TABLE),
          tensor(scope, PROJECTION),
          plans.projectedType().code());
    }
  }

  /**
   * A table of which a few rows are read for each frame stays in its file, mapped: it takes no time
   * to load, and processes that use the same file share it.
   */
  private NDArray table(NDManager scope, String name) {
    StoredTensor stored = checkpoint.tensor(name);
    OptionalLong offset = stored.fileOffset();
    boolean mappable =
        engine.isCpu()
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
    matrix(PROJECTION);
    StoredTensor heads = checkpoint.tensor("depth_decoder.codebooks_head.weight");
    MatrixPlan plan = plans.outside(heads.shape().get(2), heads.shape().get(1));
    try (NDManager outer = engine.newScope()) {
      NDArray norm = tensor(outer, DEPTH + "norm.weight");
      for (int codebook = 0; codebook < heads.shape().get(0); codebook++) {
        try (NDManager scope = engine.newScope()) {
          NDArray head = heads.rows("head", codebook, codebook + 1L).toNDArray(scope).squeeze(0);
          program.run(scope, "add_norm_matrix", head.transpose(), norm, plan.codes());
        }
      }
    }
  }

  private void matrix(String name) {
    Shape shape = checkpoint.tensor(name).shape();
    add(name, plans.outside(shape.get(0), shape.get(1)));
  }

  private void backbone(TransformerConfig config) {
    layers(BACKBONE, config, plans::inside);
    try (NDManager scope = engine.newScope()) {
      program.run(
          scope,
          "set_backbone",
          tensor(scope, BACKBONE + "norm.weight"),
          frequencies(scope, config),
          config.maxPositions(),
          config.layers(),
          config.attentionHeads(),
          config.keyValueHeads(),
          config.normEps());
    }
  }

  private void depthDecoder(TransformerConfig config) {
    layers(DEPTH, config, plans::insideDepthMlp);
    try (NDManager scope = engine.newScope()) {
      program.run(
          scope,
          "set_depth",
          tensor(scope, DEPTH + "norm.weight"),
          frequencies(scope, config),
          config.layers(),
          config.attentionHeads(),
          config.keyValueHeads(),
          config.normEps());
    }
  }

  /**
   * The layers of one of the transformers.
   *
   * @param mlpPlan of a matrix of an MLP, {@code (out, in)}
   */
  private void layers(
      String prefix, TransformerConfig config, BiFunction<Long, Long, MatrixPlan> mlpPlan) {
    for (int i = 0; i < config.layers(); i++) {
      String layer = prefix + "layers." + i + ".";
      attention(layer, config);
      mlp(layer, config, mlpPlan);
    }
  }

  private void attention(String layer, TransformerConfig config) {
    int width = config.hiddenSize();
    try (NDManager scope = engine.newScope()) {
      program.run(
          scope,
          "add_attention",
          joined(scope, layer + "self_attn.", "q_proj", "k_proj", "v_proj"),
          tensor(scope, layer + "input_layernorm.weight"),
          config.attentionHeads(),
          config.keyValueHeads(),
          plans.inside(config.queryWidth() + 2L * config.keyValueWidth(), width).codes());
    }
    add(layer + "self_attn.o_proj.weight", plans.inside(width, config.queryWidth()));
  }

  private void mlp(
      String layer, TransformerConfig config, BiFunction<Long, Long, MatrixPlan> plan) {
    int width = config.hiddenSize();
    try (NDManager scope = engine.newScope()) {
      program.run(
          scope,
          "add_norm_matrix",
          joined(scope, layer + "mlp.", "gate_proj", "up_proj"),
          tensor(scope, layer + "post_attention_layernorm.weight"),
          plan.apply(2L * config.intermediateSize(), (long) width).codes());
    }
    add(layer + "mlp.down_proj.weight", plan.apply((long) width, (long) config.intermediateSize()));
  }

  /** Matrices that multiply the same input become one. */
  private NDArray joined(NDManager scope, String prefix, String... names) {
    return StoredTensor.joined(
        scope,
        Stream.of(names).map(name -> checkpoint.tensors().get(prefix + name + ".weight")).toList());
  }

  private void add(String name, MatrixPlan plan) {
    try (NDManager scope = engine.newScope()) {
      program.run(scope, "add_matrix", tensor(scope, name), plan.codes());
    }
  }

  private static NDArray frequencies(NDManager scope, TransformerConfig config) {
    return scope.create(config.rope().inverseFrequencies(config.headDim()));
  }

  private NDArray tensor(NDManager scope, String name) {
    return checkpoint.tensor(name).toNDArray(scope);
  }
}
