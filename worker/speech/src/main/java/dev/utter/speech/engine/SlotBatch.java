package dev.utter.speech.engine;

import dev.utter.speech.csm.CsmProgram;
import dev.utter.speech.csm.FrameSteps;
import dev.utter.speech.csm.SlotMemory;
import dev.utter.speech.csm.StepShape;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.function.LongSupplier;

/**
 * The generations that get a frame with every step. They hold the first slots without a gap: when
 * one leaves, the last is copied into its place. Caches grow with the running generations, in slots
 * and in positions, and are freed when none runs. Where steps are recorded they are reserved once,
 * at their full size: a recording does not survive a move of the caches.
 *
 * <p>Threading: not safe, one thread at a time.
 */
public final class SlotBatch implements AutoCloseable {

  /** Growing copies all caches; 256 frames are 20 seconds of audio. */
  private static final int CAPACITY_STEP = 256;

  private final CsmProgram program;
  private final FrameSteps frameSteps;
  private final int slots;
  private final int maxPositions;
  private final Optional<Integer> bucket;
  private final LongSupplier ticker;

  /** By slot. */
  private final List<Generation> running = new ArrayList<>();

  private int reservedSlots;
  private int capacity;
  private long steps;
  private long stepNanos;

  /**
   * @param frameSteps steps for slots that attend together
   * @param slots maximum number of running generations
   * @param maxPositions maximum number of positions of one of them
   * @param bucket number of slots that every step computes, used or not, each attending by itself;
   *     if empty, used slots only, together
   * @param ticker a clock in nanoseconds
   */
  public SlotBatch(
      CsmProgram program,
      FrameSteps frameSteps,
      int slots,
      int maxPositions,
      Optional<Integer> bucket,
      LongSupplier ticker) {
    this.program = program;
    this.frameSteps = frameSteps;
    this.slots = slots;
    this.maxPositions = maxPositions;
    this.bucket = bucket;
    this.ticker = ticker;
    if (isRecorded()) {
      reserve(slots, maxPositions);
      frameSteps.prepare(limits());
    }
  }

  private boolean isRecorded() {
    return frameSteps.whyPlain().isEmpty();
  }

  public List<Generation> running() {
    return Collections.unmodifiableList(running);
  }

  boolean isFull() {
    return running.size() == slots;
  }

  long steps() {
    return steps;
  }

  /** Time that the steps took, in nanoseconds. */
  long stepNanos() {
    return stepNanos;
  }

  /** Gives a slot to a prefilled or preempted generation. */
  public void join(Generation generation) {
    reserve(running.size() + 1, generation.position() + 1);
    program.join(
        running.size(),
        generation.keyValues(),
        generation.row(),
        generation.position(),
        generation.generated(),
        generation.options);
    generation.move(GenerationState.RUNNING);
    generation.dropKeyValues();
    running.add(generation);
  }

  /** Preempts a running generation, which keeps a copy of its slot's contents. */
  void preempt(Generation generation) {
    generation.keep(program.copyToHost(running.indexOf(generation), generation.position()));
    generation.move(GenerationState.PREEMPTED);
    leave(generation);
  }

  /** Frees the slot of a generation. */
  public void leave(Generation generation) {
    int slot = running.indexOf(generation);
    int last = running.size() - 1;
    if (slot < last) {
      program.move(last, slot, running.get(last).position());
      running.set(slot, running.get(last));
    }
    running.remove(last);
    program.leave(last);
  }

  /** One frame for each running generation, in slot order; empty where numbers are not finite. */
  public List<Optional<int[]>> step() {
    int maxLength = running.stream().mapToInt(Generation::position).max().orElseThrow() + 1;
    int maxTopK = running.stream().mapToInt(one -> program.topK(one.options)).max().orElseThrow();
    reserve(running.size(), maxLength);
    long begin = ticker.getAsLong();
    List<Optional<int[]>> frames = frames(maxLength, maxTopK);
    steps++;
    stepNanos += ticker.getAsLong() - begin;
    for (int slot = 0; slot < frames.size(); slot++) {
      if (frames.get(slot).isEmpty()) {
        program.clear(slot);
      }
    }
    return frames;
  }

  private List<Optional<int[]>> frames(int maxLength, int maxTopK) {
    if (bucket.isPresent()) {
      return program.step(bucket.get(), running.size(), maxLength, maxTopK, lengths(bucket.get()));
    }
    return frameSteps.step(running.size(), maxLength, maxTopK, limits());
  }

  private StepShape limits() {
    return new StepShape(reservedSlots, capacity, program.maxTopK());
  }

  private long[] lengths(int computed) {
    long[] lengths = new long[computed];
    for (int slot = 0; slot < lengths.length; slot++) {
      lengths[slot] = slot < running.size() ? running.get(slot).position() + 1 : 1;
    }
    return lengths;
  }

  private void reserve(int neededSlots, int neededPositions) {
    int maxSlots = bucket.orElse(slots);
    int newSlots =
        neededSlots <= reservedSlots ? reservedSlots : Math.min(maxSlots, 2 * reservedSlots);
    newSlots = bucket.orElse(Math.max(newSlots, neededSlots));
    int steps = (neededPositions + CAPACITY_STEP - 1) / CAPACITY_STEP;
    int newCapacity = Math.max(capacity, Math.min(maxPositions, steps * CAPACITY_STEP));
    if (newSlots != reservedSlots || newCapacity != capacity) {
      frameSteps.forget();
      program.reserve(newSlots, newCapacity);
      reservedSlots = newSlots;
      capacity = newCapacity;
    }
  }

  /** Native memory of caches and recorded steps, in bytes. */
  long bytes(SlotMemory memory) {
    return reservedSlots * (capacity * memory.bytesPerPosition() + memory.depthBytes())
        + frameSteps.bytes();
  }

  /** Frees the caches if nothing runs, unless recorded steps would be lost with them. */
  public void shrink() {
    if (running.isEmpty() && reservedSlots > 0 && !isRecorded()) {
      program.reserve(0, 0);
      reservedSlots = 0;
      capacity = 0;
    }
  }

  /** Frees the recorded steps. */
  @Override
  public void close() {
    frameSteps.close();
  }
}
