package dev.utter.speech.mimi;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import dev.utter.speech.AudioCodes;
import dev.utter.speech.checkpoint.MimiConfig;
import dev.utter.speech.torch.TorchEngine;
import dev.utter.speech.torch.TorchProgram;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * Several clips decoded frame by frame, each in a slot with its own state, several slots in one
 * call. What a slot yields over all calls equals {@link MimiDecoder#decode} of all its codes, up to
 * rounding, whatever the other slots do.
 *
 * <p>Threading: one thread at a time.
 */
public final class MimiStreams implements AutoCloseable {

  private final TorchEngine engine;
  private final TorchProgram program;
  private final MimiConfig config;
  private final int slots;
  private final NDManager owner;
  private final NDList state;

  MimiStreams(TorchEngine engine, TorchProgram program, MimiConfig config, int slots) {
    if (slots < 1) {
      throw new IllegalArgumentException("slots is " + slots + ", must be at least 1");
    }
    this.engine = engine;
    this.program = program;
    this.config = config;
    this.slots = slots;
    this.owner = engine.newScope();
    this.state = program.run(owner, "open_streams", slots);
  }

  /** Begins a new clip in a slot. */
  public void reset(int slot) {
    Objects.checkIndex(slot, slots);
    try (NDManager scope = engine.newScope()) {
      program.run(scope, "reset_stream", state, slot);
    }
  }

  /**
   * Decodes the next frames of some slots.
   *
   * @param codes codes by slot, of the same number of frames in each
   * @return the samples that follow, by slot
   * @throws IllegalArgumentException as {@link MimiDecoder#decode}, or if the numbers of frames
   *     differ
   */
  public SortedMap<Integer, float[]> decode(Map<Integer, AudioCodes> codes) {
    if (codes.isEmpty()) {
      return new TreeMap<>();
    }
    List<Integer> order = new ArrayList<>(new TreeMap<>(codes).keySet());
    int frames = codes.get(order.get(0)).frames();
    long[] values = new long[order.size() * config.codebooks() * frames];
    int filled = 0;
    for (int slot : order) {
      Objects.checkIndex(slot, slots);
      AudioCodes own = codes.get(slot);
      MimiDecoder.check(own, config);
      if (own.frames() != frames) {
        throw new IllegalArgumentException(
            "slot "
                + slot
                + " has "
                + own.frames()
                + " frames, must have "
                + frames
                + " as others");
      }
      System.arraycopy(
          CodeArrays.byCodebook(own), 0, values, filled, own.frames() * own.codebooks());
      filled += own.frames() * own.codebooks();
    }
    return decode(order, values, frames);
  }

  private SortedMap<Integer, float[]> decode(List<Integer> order, long[] codes, int frames) {
    try (NDManager scope = engine.newScope()) {
      NDArray input = scope.create(codes, new Shape(order.size(), config.codebooks(), frames));
      NDArray rows = scope.create(order.stream().mapToLong(Integer::longValue).toArray());
      float[] samples =
          program
              .run(scope, "decode_streams", input, state, rows)
              .singletonOrThrow()
              .toFloatArray();
      int length = samples.length / order.size();
      SortedMap<Integer, float[]> bySlot = new TreeMap<>();
      for (int i = 0; i < order.size(); i++) {
        bySlot.put(order.get(i), Arrays.copyOfRange(samples, i * length, (i + 1) * length));
      }
      return bySlot;
    }
  }

  @Override
  public void close() {
    owner.close();
  }
}
