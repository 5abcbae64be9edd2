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
import dev.utter.speech.csm.matrix.KernelPlans;
import dev.utter.speech.csm.matrix.MatrixPlan;
import dev.utter.speech.csm.matrix.MatrixStorage;
import dev.utter.speech.csm.prepared.PreparedFile;
import dev.utter.speech.torch.TorchEngine;
import dev.utter.speech.torch.TorchProgram;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.SortedMap;
import java.util.function.BiFunction;
import java.util.function.Consumer;
import java.util.stream.Stream;

/** Hands a checkpoint's weights to the program, one layer at a time so that few are held twice. */
final class CsmWeights {

  private static final String BACKBONE = "backbone_model.";
  private static final String DEPTH = "depth_decoder.model.";
  private static final String TEXT_TABLE = "embed_text_tokens.weight";
  private static final String AUDIO_TABLE = BACKBONE + "embed_tokens.embed_audio_tokens.weight";
  private static final String DEPTH_TABLE = DEPTH + "embed_tokens.weight";
  private static final String PROJECTION = DEPTH + "inputs_embeds_projector.weight";

  /** The backbone's tables, in the program's order. */
  static final List<String> TABLES = List.of(TEXT_TABLE, AUDIO_TABLE);

  private final TorchEngine engine;
  private final TorchProgram program;
  private final Checkpoint checkpoint;
  private final KernelPlans plans;
  private final List<MatrixStorage> storages = new ArrayList<>();
  private Optional<PreparedWeights> prepared = Optional.empty();

  CsmWeights(TorchEngine engine, TorchProgram program, Checkpoint checkpoint) {
    this.engine = engine;
    this.program = program;
    this.checkpoint = checkpoint;
    this.plans = KernelPlans.of(engine);
  }

  /**
   * Hands over the weights of a prepared file, and those that are not in it from the checkpoint.
   * Returns the same as {@link #handOver()}.
   *
   * @throws dev.utter.speech.failure.CheckpointException if the file is damaged or lacks a tensor
   * @throws IllegalStateException if libtorch refuses the file
   */
  SortedMap<String, String> handOver(PreparedFile file) {
    try (PreparedWeights weights = PreparedWeights.map(engine, program, file)) {
      prepared = Optional.of(weights);
      return handOver();
    } finally {
      prepared = Optional.empty();
    }
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
          scope, "set_tables", new NDList(table(scope, TEXT_TABLE), table(scope, AUDIO_TABLE)));
      if (prepared.isPresent()) {
        CsmConfig config = checkpoint.config();
        prepared
            .get()
            .addDepthTables(
                config.codebooks(),
                plans.projectedType(),
                config.vocabularySize(),
                config.depthDecoder().transformer().hiddenSize());
        return;
      }
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
    if (!isMappable(stored)) {
      return prepared.isPresent() ? prepared.get().tensor(name) : stored.toNDArray(scope);
    }
    long offset = stored.fileOffset().orElseThrow();
    return program
        .run(
            scope,
            "map_table",
            stored.file().toString(),
            offset,
            stored.shape().get(0),
            stored.shape().get(1))
        .singletonOrThrow();
  }

  private boolean isMappable(StoredTensor table) {
    OptionalLong offset = table.fileOffset();
    return engine.isCpu()
        && table.dtype() == Dtype.F32
        && offset.isPresent()
        && offset.getAsLong() % Float.BYTES == 0;
  }

  /** Names of the backbone's tables that cannot stay in the checkpoint's files. */
  List<String> copiedTables() {
    return TABLES.stream().filter(name -> !isMappable(checkpoint.tensor(name))).toList();
  }

  /** The storage of each matrix, by number. */
  List<MatrixStorage> storages() {
    return storages;
  }

  /** Adds the next matrix, {@code (out, in)}: as it is in the prepared file, or else converted. */
  private void matrix(long out, long in, MatrixPlan plan, Consumer<NDManager> convert) {
    if (prepared.isPresent()) {
      prepared.get().addMatrix(storages.size(), plan, out, in);
    } else {
      try (NDManager scope = engine.newScope()) {
        convert.accept(scope);
      }
    }
    storages.add(plan.storage());
  }

  private void heads() {
    head("lm_head.weight");
    head(PROJECTION);
    StoredTensor heads = checkpoint.tensor("depth_decoder.codebooks_head.weight");
    long out = heads.shape().get(2);
    long in = heads.shape().get(1);
    MatrixPlan plan = plans.outside(out, in);
    try (NDManager outer = engine.newScope()) {
      NDArray norm = tensor(outer, DEPTH + "norm.weight");
      for (int codebook = 0; codebook < heads.shape().get(0); codebook++) {
        StoredTensor stored = heads.rows("head", codebook, codebook + 1L);
        matrix(
            out,
            in,
            plan,
            scope -> {
              NDArray head = stored.toNDArray(scope).squeeze(0).transpose();
              program.run(scope, "add_norm_matrix", head, norm, plan.codes());
            });
      }
    }
  }

  private void head(String name) {
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
    long out = config.queryWidth() + 2L * config.keyValueWidth();
    MatrixPlan plan = plans.inside(out, width);
    matrix(
        out,
        width,
        plan,
        scope ->
            program.run(
                scope,
                "add_attention",
                joined(scope, layer + "self_attn.", "q_proj", "k_proj", "v_proj"),
                tensor(scope, layer + "input_layernorm.weight"),
                config.attentionHeads(),
                config.keyValueHeads(),
                plan.codes()));
    add(layer + "self_attn.o_proj.weight", plans.inside(width, config.queryWidth()));
  }

  private void mlp(
      String layer, TransformerConfig config, BiFunction<Long, Long, MatrixPlan> mlpPlan) {
    int width = config.hiddenSize();
    long out = 2L * config.intermediateSize();
    MatrixPlan plan = mlpPlan.apply(out, (long) width);
    matrix(
        out,
        width,
        plan,
        scope ->
            program.run(
                scope,
                "add_norm_matrix",
                joined(scope, layer + "mlp.", "gate_proj", "up_proj"),
                tensor(scope, layer + "post_attention_layernorm.weight"),
                plan.codes()));
    add(
        layer + "mlp.down_proj.weight",
        mlpPlan.apply((long) width, (long) config.intermediateSize()));
  }

  /** Matrices that multiply the same input become one. */
  private NDArray joined(NDManager scope, String prefix, String... names) {
    return StoredTensor.joined(
        scope,
        Stream.of(names).map(name -> checkpoint.tensors().get(prefix + name + ".weight")).toList());
  }

  private void add(String name, MatrixPlan plan) {
    Shape shape = checkpoint.tensor(name).shape();
    matrix(
        shape.get(0),
        shape.get(1),
        plan,
        scope -> program.run(scope, "add_matrix", tensor(scope, name), plan.codes()));
  }

  private static NDArray frequencies(NDManager scope, TransformerConfig config) {
    return scope.create(config.rope().inverseFrequencies(config.headDim()));
  }

  private NDArray tensor(NDManager scope, String name) {
    return checkpoint.tensor(name).toNDArray(scope);
  }
}
