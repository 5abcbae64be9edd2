package dev.utter.speech.csm;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import dev.utter.speech.SynthesisOptions;
import dev.utter.speech.checkpoint.Checkpoint;
import dev.utter.speech.checkpoint.config.CsmConfig;
import dev.utter.speech.text.Prompt;
import dev.utter.speech.torch.TorchEngine;
import dev.utter.speech.torch.TorchProgram;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.SortedMap;
import java.util.function.Supplier;

/**
 * The language model with its weights, KV caches and slots. A slot holds one running generation. A
 * step gives one frame to each of the first slots, in one native call.
 *
 * <p>Threading: not safe, one thread at a time.
 */
public final class CsmProgram implements AutoCloseable {

  public static final String NOT_FINITE = "the model computed numbers that are not finite";

  private final TorchEngine engine;
  private final TorchProgram program;
  private final CsmConfig config;
  private final SortedMap<String, String> kernels;
  private final int elementBytes;
  private final boolean customSteps;
  private final long mappedBytes;
  private final StepThreads threads;

  CsmProgram(
      TorchEngine engine,
      TorchProgram program,
      CsmConfig config,
      SortedMap<String, String> kernels,
      int elementBytes,
      boolean customSteps,
      long mappedBytes) {
    this.engine = engine;
    this.program = program;
    this.config = config;
    this.kernels = kernels;
    this.elementBytes = elementBytes;
    this.customSteps = customSteps;
    this.mappedBytes = mappedBytes;
    TorchEngine.addMappedWeights(mappedBytes);
    this.threads =
        new StepThreads(
            customSteps ? engine.threads() : 1, engine::useOperatorThreads, System::nanoTime);
  }

  /**
   * Loads a checkpoint. On the CPU its {@link WeightPreparation prepared weights} are mapped if
   * they are beside it and fit; otherwise its files are converted.
   */
  public static CsmProgram load(TorchEngine engine, Checkpoint checkpoint) {
    return new CsmLoader(engine, checkpoint).load();
  }

  /**
   * Attention of prompts as plain products from now on. The fused kernel that libtorch chooses for
   * half precision depends on the GPU and the version.
   */
  void storeScores() {
    try (NDManager scope = engine.newScope()) {
      program.run(scope, "store_scores");
    }
  }

  /** Storage and kernels of the matrices, by shape. */
  public SortedMap<String, String> kernels() {
    return kernels;
  }

  /**
   * Resizes the KV caches. Their contents are kept as far as they fit.
   *
   * @param slots how many generations may run at once
   * @param capacity positions of the longest of them, generated frames included
   */
  public void reserve(int slots, int capacity) {
    try (NDManager scope = engine.newScope()) {
      program.run(scope, "reserve", slots, capacity);
    }
  }

  /** A KV cache for a sequence outside the slots. The caller closes it. */
  public KeyValues newKeyValues(int positions) {
    return keyValues("new_key_values", positions);
  }

  /**
   * A copy of positions {@code from} (inclusive) to {@code to} (exclusive). The caller closes it.
   */
  public KeyValues copy(KeyValues source, int from, int to) {
    return keyValues("copy_key_values", source.tensor(), from, to);
  }

  /** Copies all positions of {@code source} into {@code target}, from position {@code at} on. */
  public void put(KeyValues target, int at, KeyValues source) {
    try (NDManager scope = engine.newScope()) {
      program.run(scope, "put_key_values", target.tensor(), at, source.tensor());
    }
  }

  /** A copy of a slot's first positions in host memory. The caller closes it. */
  public KeyValues copyToHost(int slot, int positions) {
    return keyValues("copy_to_host", slot, positions);
  }

  private KeyValues keyValues(String method, Object... arguments) {
    NDManager owner = engine.newScope();
    try {
      return new KeyValues(
          owner, program.run(owner, method, arguments).singletonOrThrow(), elementBytes);
    } catch (RuntimeException e) {
      owner.close();
      throw e;
    }
  }

  /** Runs positions {@code from} (inclusive) to {@code to} (exclusive) of a prompt. */
  public void prefill(KeyValues into, Prompt prompt, int from, int to) {
    int[] rows = prompt.rows(from, to);
    try (NDManager scope = engine.newScope()) {
      NDArray tensor = scope.create(longs(rows), new Shape(to - from, prompt.rowWidth()));
      program.run(scope, "prefill", into.tensor(), tensor, from);
    }
  }

  /**
   * Puts a generation into a slot.
   *
   * @param before keys and values of all positions before the one that is next
   * @param row the next position's row {@code (codebooks + 1)}
   * @param position the next position
   * @param frame how many frames have been generated
   */
  public void join(
      int slot, KeyValues before, int[] row, int position, int frame, SynthesisOptions options) {
    try (NDManager scope = engine.newScope()) {
      program.run(
          scope,
          "join",
          slot,
          before.tensor(),
          scope.create(longs(row)),
          position,
          options.seed(),
          frame,
          // Anything smaller would be flushed to zero and divide by it.
          Math.max(options.temperature(), Float.MIN_NORMAL),
          topK(options));
    }
  }

  /** Copies the first positions of a slot to another slot. */
  public void move(int from, int to, int positions) {
    try (NDManager scope = engine.newScope()) {
      program.run(scope, "move", from, to, positions);
    }
  }

  /** Clears NaNs from a slot before it is used again. */
  public void clear(int slot) {
    try (NDManager scope = engine.newScope()) {
      program.run(scope, "clear", slot);
    }
  }

  /** Marks a slot as unused. */
  public void leave(int slot) {
    try (NDManager scope = engine.newScope()) {
      program.run(scope, "leave", slot);
    }
  }

  /** The top-k that the sampler uses: at most the number of codes that can be sampled. */
  public int topK(SynthesisOptions options) {
    return Math.min(options.topK(), maxTopK());
  }

  /** Number of codes that can be sampled. */
  public int maxTopK() {
    return config.codec().codebookSize();
  }

  /**
   * One frame for each of the first {@code running} slots.
   *
   * @param slots number of slots that are computed, at least {@code running}
   * @param maxLength the largest number of positions of a slot, the one this step adds included
   * @param maxTopK the largest top-k of a slot
   * @param lengths positions of each of the {@code slots} if each attends separately, which is
   *     slower and keeps slots from influencing each other's rounding; else empty
   * @return by slot the codes {@code (codebooks)}, or empty if its numbers are not finite
   */
  public List<Optional<int[]>> step(
      int slots, int running, int maxLength, int maxTopK, long[] lengths) {
    try (NDManager scope = engine.newScope()) {
      Supplier<NDArray> step =
          () ->
              program
                  .run(scope, "step", slots, maxLength, maxTopK, false, lengths)
                  .singletonOrThrow();
      // Little work is left for libtorch: its threads would cost more to wake than they save.
      return frames(
          customSteps ? threads.run(slots, () -> engine.onOneThread(step)) : step.get(), running);
    }
  }

  /** The same with padded shapes; see {@link #paddedStep}. */
  public List<Optional<int[]>> step(StepShape shape, int running) {
    try (NDManager scope = engine.newScope()) {
      return frames(paddedStep(scope, shape), running);
    }
  }

  /**
   * A step whose tensor shapes all follow from {@code shape} and that does not wait for the device,
   * so that it can be recorded as a CUDA graph.
   *
   * @return the input of {@link #frames}
   */
  NDArray paddedStep(NDManager owner, StepShape shape) {
    return program
        .run(owner, "step", shape.slots(), shape.positions(), shape.topK(), true, new long[0])
        .singletonOrThrow();
  }

  /** Makes the next step allocate a new cache for the depth decoder. */
  void closeDepth() {
    try (NDManager scope = engine.newScope()) {
      program.run(scope, "close_depth");
    }
  }

  /** Reads the frames of the first slots from a step's result, and waits for it. */
  List<Optional<int[]>> frames(NDArray result, int running) {
    long[] values = result.toLongArray();
    int codebooks = config.codebooks();
    List<Optional<int[]>> frames = new ArrayList<>();
    for (int at = 0; frames.size() < running; at += codebooks + 1) {
      int[] codes = Arrays.stream(values, at, at + codebooks).mapToInt(Math::toIntExact).toArray();
      frames.add(values[at + codebooks] == 0 ? Optional.empty() : Optional.of(codes));
    }
    return frames;
  }

  /**
   * One frame for slot 0 alone.
   *
   * @param maxLength positions of the slot, the new one included
   * @param topK top-k of the slot
   * @throws IllegalStateException if the model's numbers are not finite
   */
  public int[] stepAlone(int maxLength, int topK) {
    return step(1, 1, maxLength, topK, new long[0])
        .get(0)
        .orElseThrow(() -> new IllegalStateException(NOT_FINITE));
  }

  /**
   * Teacher forcing: the following steps continue with these codes instead of the sampled ones, so
   * that two models can be compared along one path.
   *
   * @param codes of all running slots, {@code (codebooks)}
   */
  public void forceCodes(int[] codes) {
    try (NDManager scope = engine.newScope()) {
      program.run(scope, "force_codes", scope.create(longs(codes)));
    }
  }

  /** Ends teacher forcing. */
  public void stopForcing() {
    try (NDManager scope = engine.newScope()) {
      program.run(scope, "stop_forcing");
    }
  }

  /** Switches recording of the latest step's numbers on or off. */
  public void trace(boolean on) {
    try (NDManager scope = engine.newScope()) {
      program.run(scope, "set_tracing", on);
    }
  }

  /** The numbers of the latest step of slot 0. */
  public FrameTrace latestTrace() {
    try (NDManager scope = engine.newScope()) {
      NDList traced = program.run(scope, "traced");
      List<float[]> rows = traced.stream().map(CsmProgram::firstRow).toList();
      return new FrameTrace(rows.get(0), rows.get(1), rows.subList(2, rows.size()));
    }
  }

  /** Whether the latest step gave the same numbers in all slots. */
  public boolean tracedRowsAreEqual() {
    return program.runLong("traced_rows_are_equal") == 1;
  }

  public int codebooks() {
    return config.codebooks();
  }

  /** Bytes of one number in the KV caches. */
  public int elementBytes() {
    return elementBytes;
  }

  private static float[] firstRow(NDArray tensor) {
    return tensor.get(0).toType(DataType.FLOAT32, false).toFloatArray();
  }

  private static long[] longs(int[] values) {
    return Arrays.stream(values).asLongStream().toArray();
  }

  /** Bytes of prepared weights that are mapped; 0 if the checkpoint was converted. */
  long mappedBytes() {
    return mappedBytes;
  }

  @Override
  public void close() {
    program.close();
    TorchEngine.addMappedWeights(-mappedBytes);
  }
}
