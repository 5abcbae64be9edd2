package dev.utter.speech.engine;

import dev.utter.speech.torch.TorchEngine;
import java.util.Objects;
import java.util.OptionalInt;
import java.util.OptionalLong;

/**
 * How generations are run.
 *
 * @param prefillChunk positions of prompts run through the backbone between two frames, and the
 *     largest number of one prompt at once. Running utterances wait meanwhile, and with smaller
 *     chunks a long prompt takes longer; default 64, on a GPU 512
 * @param slots utterances generated at the same time; default as many as fit into {@code
 *     memoryBytes}, at most {@link EngineMemory#MAX_SLOTS}, and on a CPU at most as many as {@link
 *     SlotTimes} finds, unless {@code strict}
 * @param memoryBytes native memory, in bytes, for everything but the weights: slots, preempted
 *     utterances, prompts in prefill, prefixes; default half of the device's memory that is free
 *     once the weights are loaded
 * @param prefixBytes limit of the prefix cache, in bytes, a part of {@code memoryBytes}; 0 switches
 *     the cache off; default an eighth
 * @param framesPerDecode frames of an utterance decoded to samples at once; the codec's weights are
 *     read once for all of them. After the last frame at most this number is left to decode;
 *     default 4
 * @param strict whether the samples of an utterance are the same to the last bit, independent of
 *     other utterances, preemption and the prefix cache. Every step then computes all slots, used
 *     or not. Engines with the same number of slots on machines of the same kind agree. Default
 *     false
 * @param graphs whether frame steps may be replayed from CUDA graphs, where the native library is
 *     given and the device is a GPU; not with {@code strict}. Default true
 */
public record GenerationSettings(
    OptionalInt prefillChunk,
    OptionalInt slots,
    OptionalLong memoryBytes,
    OptionalLong prefixBytes,
    int framesPerDecode,
    boolean strict,
    boolean graphs) {

  private static final int CPU_CHUNK = 64;

  /** Enough rows that products are limited by arithmetic. */
  private static final int GPU_CHUNK = 512;

  public GenerationSettings {
    if (Objects.requireNonNull(prefillChunk, "prefillChunk is null").orElse(1) < 1) {
      throw new IllegalArgumentException(
          "prefillChunk is " + prefillChunk.getAsInt() + ", must be at least 1");
    }
    if (Objects.requireNonNull(slots, "slots is null").orElse(1) < 1) {
      throw new IllegalArgumentException("slots is " + slots.getAsInt() + ", must be at least 1");
    }
    if (Objects.requireNonNull(memoryBytes, "memoryBytes is null").orElse(1) < 1) {
      throw new IllegalArgumentException(
          "memoryBytes is " + memoryBytes.getAsLong() + ", must be at least 1");
    }
    if (Objects.requireNonNull(prefixBytes, "prefixBytes is null").orElse(0) < 0) {
      throw new IllegalArgumentException(
          "prefixBytes is " + prefixBytes.getAsLong() + ", must be 0 or above");
    }
    if (framesPerDecode < 1) {
      throw new IllegalArgumentException(
          "framesPerDecode is " + framesPerDecode + ", must be at least 1");
    }
  }

  /** The size of chunks on this engine's device. */
  public int prefillChunk(TorchEngine engine) {
    return prefillChunk.orElse(engine.isGpu() ? GPU_CHUNK : CPU_CHUNK);
  }

  /** Slots and prefix cache sized by free memory. */
  public static GenerationSettings defaults() {
    return new GenerationSettings(
        OptionalInt.empty(),
        OptionalInt.empty(),
        OptionalLong.empty(),
        OptionalLong.empty(),
        4,
        false,
        true);
  }

  /** These settings with another chunk size. */
  public GenerationSettings withPrefillChunk(int positions) {
    return new GenerationSettings(
        OptionalInt.of(positions),
        slots,
        memoryBytes,
        prefixBytes,
        framesPerDecode,
        strict,
        graphs);
  }

  /** These settings with a fixed number of slots. */
  public GenerationSettings withSlots(int count) {
    return new GenerationSettings(
        prefillChunk,
        OptionalInt.of(count),
        memoryBytes,
        prefixBytes,
        framesPerDecode,
        strict,
        graphs);
  }

  /** These settings with a memory budget. */
  public GenerationSettings withMemoryBytes(long bytes) {
    return new GenerationSettings(
        prefillChunk, slots, OptionalLong.of(bytes), prefixBytes, framesPerDecode, strict, graphs);
  }

  /** These settings with another limit for prefixes. */
  public GenerationSettings withPrefixBytes(long bytes) {
    return new GenerationSettings(
        prefillChunk, slots, memoryBytes, OptionalLong.of(bytes), framesPerDecode, strict, graphs);
  }

  /** These settings with another number of frames per decoding. */
  public GenerationSettings withFramesPerDecode(int frames) {
    return new GenerationSettings(
        prefillChunk, slots, memoryBytes, prefixBytes, frames, strict, graphs);
  }

  /** These settings, strict or not. */
  public GenerationSettings withStrict(boolean on) {
    return new GenerationSettings(
        prefillChunk, slots, memoryBytes, prefixBytes, framesPerDecode, on, graphs);
  }

  /** These settings, with graphs or without. */
  public GenerationSettings withGraphs(boolean on) {
    return new GenerationSettings(
        prefillChunk, slots, memoryBytes, prefixBytes, framesPerDecode, strict, on);
  }
}
