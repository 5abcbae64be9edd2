package dev.utter.speech.csm;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import dev.utter.speech.SynthesisOptions;
import dev.utter.speech.checkpoint.Checkpoint;
import dev.utter.speech.checkpoint.CsmConfig;
import dev.utter.speech.text.Prompt;
import dev.utter.speech.torch.TorchEngine;
import dev.utter.speech.torch.TorchProgram;
import java.util.Arrays;
import java.util.List;

/**
 * The language model with its weights, caches and slots. A slot holds one running generation; every
 * step gives one frame to each of the first so many slots, in one native call.
 *
 * <p>Threading: not safe, one thread at a time.
 */
final class CsmProgram implements AutoCloseable {

  private final TorchEngine engine;
  private final TorchProgram program;
  private final CsmConfig config;
  private int slots;
  private int capacity;

  private CsmProgram(TorchEngine engine, TorchProgram program, CsmConfig config) {
    this.engine = engine;
    this.program = program;
    this.config = config;
  }

  static CsmProgram load(TorchEngine engine, Checkpoint checkpoint) {
    TorchProgram program = TorchProgram.load(engine, "csm");
    try {
      new CsmWeights(engine, program, checkpoint).handOver();
      return new CsmProgram(engine, program, checkpoint.config());
    } catch (RuntimeException e) {
      program.close();
      throw e;
    }
  }

  /**
   * Makes room. What the caches held is lost if they have to grow.
   *
   * @param wantedSlots how many generations may run at once
   * @param wantedCapacity positions of the longest of them, generated frames included
   */
  void reserve(int wantedSlots, int wantedCapacity) {
    if (wantedSlots <= slots && wantedCapacity <= capacity) {
      return;
    }
    slots = Math.max(slots, wantedSlots);
    capacity = Math.max(capacity, wantedCapacity);
    try (NDManager scope = engine.newScope()) {
      program.run(scope, "reserve", slots, capacity);
    }
  }

  /** Runs positions {@code from} (inclusive) to {@code to} (exclusive) of a prompt. */
  void prefill(int slot, Prompt prompt, int from, int to) {
    int width = prompt.rowWidth();
    int[] rows = Arrays.copyOfRange(prompt.rows(), from * width, to * width);
    try (NDManager scope = engine.newScope()) {
      NDArray tensor = scope.create(longs(rows), new Shape(to - from, width));
      program.run(scope, "prefill", slot, tensor, from);
    }
  }

  /**
   * Lets a slot take part in steps. All positions of its prompt but the last have been prefilled.
   */
  void join(int slot, Prompt prompt, SynthesisOptions options) {
    int width = prompt.rowWidth();
    int last = prompt.positions() - 1;
    int[] row = Arrays.copyOfRange(prompt.rows(), last * width, (last + 1) * width);
    try (NDManager scope = engine.newScope()) {
      program.run(
          scope,
          "join",
          slot,
          scope.create(longs(row)),
          last,
          options.seed(),
          // Anything smaller would be flushed to zero and divide by it.
          Math.max(options.temperature(), Float.MIN_NORMAL),
          topK(options));
    }
  }

  /** Top-k as the sampler takes it: never above what can be sampled. */
  int topK(SynthesisOptions options) {
    return Math.min(options.topK(), config.codec().codebookSize());
  }

  /**
   * One frame for each of the first {@code count} slots.
   *
   * @param longest positions of the longest of them, the one this step adds included
   * @param widest their largest top-k
   * @return the codes, {@code (count, codebooks)}
   * @throws IllegalStateException if the model's numbers are no longer finite
   */
  int[][] step(int count, int longest, int widest) {
    try (NDManager scope = engine.newScope()) {
      NDArray result = program.run(scope, "step", count, longest, widest).singletonOrThrow();
      long[] values = result.toLongArray();
      int width = config.codebooks() + 1;
      int[][] frames = new int[count][];
      for (int slot = 0; slot < count; slot++) {
        int[] row =
            Arrays.stream(values, slot * width, (slot + 1) * width)
                .mapToInt(Math::toIntExact)
                .toArray();
        if (row[config.codebooks()] == 0) {
          throw new IllegalStateException("the model computed numbers that are not finite");
        }
        frames[slot] = Arrays.copyOf(row, config.codebooks());
      }
      return frames;
    }
  }

  /** Switches recording of the latest step's numbers on or off. */
  void trace(boolean on) {
    try (NDManager scope = engine.newScope()) {
      program.run(scope, "set_tracing", on);
    }
  }

  /** The numbers of the latest step of slot 0. */
  FrameTrace latestTrace() {
    try (NDManager scope = engine.newScope()) {
      NDList traced = program.run(scope, "traced");
      List<float[]> rows = traced.stream().map(CsmProgram::firstRow).toList();
      return new FrameTrace(rows.get(0), rows.get(1), rows.subList(2, rows.size()));
    }
  }

  private static float[] firstRow(NDArray tensor) {
    return tensor.get(0).toType(DataType.FLOAT32, false).toFloatArray();
  }

  private static long[] longs(int[] values) {
    return Arrays.stream(values).asLongStream().toArray();
  }

  @Override
  public void close() {
    program.close();
  }
}
