package dev.utter.speech.torch;

import ai.djl.ndarray.NDManager;

/**
 * Measures how fast the engine's device reads its memory, a CPU with libtorch's threads: the bound
 * of what streams weights.
 *
 * <p>Threading: one thread at a time.
 */
public final class MemoryBandwidth implements AutoCloseable {

  private static final int PASSES = 5;

  private final TorchEngine engine;
  private final TorchProgram program;
  private final long bytes;

  private MemoryBandwidth(TorchEngine engine, TorchProgram program, long bytes) {
    this.engine = engine;
    this.program = program;
    this.bytes = bytes;
  }

  /**
   * Fills the buffer to read.
   *
   * @param bytes size of the buffer, several times that of the largest cache
   */
  public static MemoryBandwidth prepare(TorchEngine engine, long bytes) {
    if (bytes < Float.BYTES) {
      throw new IllegalArgumentException("bytes is " + bytes + ", must be at least " + Float.BYTES);
    }
    TorchProgram program = TorchProgram.load(engine, "bandwidth");
    try (NDManager scope = engine.newScope()) {
      program.run(scope, "fill", bytes / Float.BYTES, scope.create(0f));
    }
    return new MemoryBandwidth(engine, program, bytes / Float.BYTES * Float.BYTES);
  }

  /** Bytes per second of the best of a few sums over the buffer. */
  public double bytesPerSecond() {
    long best = Long.MAX_VALUE;
    for (int pass = 0; pass < PASSES; pass++) {
      try (NDManager scope = engine.newScope()) {
        long begin = System.nanoTime();
        program.run(scope, "read").singletonOrThrow().getFloat();
        best = Math.min(best, System.nanoTime() - begin);
      }
    }
    return bytes * 1e9 / best;
  }

  @Override
  public void close() {
    program.close();
  }
}
