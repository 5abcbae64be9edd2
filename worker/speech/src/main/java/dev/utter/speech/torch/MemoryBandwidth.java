package dev.utter.speech.torch;

import ai.djl.ndarray.NDManager;
import java.util.Map;

/**
 * Measures how fast the engine's device reads its memory, a CPU with libtorch's threads. It bounds
 * how fast weights can be streamed.
 *
 * <p>Threading: one thread at a time.
 */
public final class MemoryBandwidth implements AutoCloseable {

  private static final int PASSES = 5;

  /** Numbers in a row of the buffer, which is a matrix. */
  private static final int ROW_WIDTH = 4096;

  private static final long ROW_BYTES = (long) ROW_WIDTH * Float.BYTES;

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
    if (bytes < ROW_BYTES) {
      throw new IllegalArgumentException("bytes is " + bytes + ", must be at least " + ROW_BYTES);
    }
    TorchProgram program =
        TorchProgram.load(
            engine,
            "bandwidth",
            CpuOperators.replacements(engine.hasCpuOperators()),
            Map.of("ROW_WIDTH", ROW_WIDTH));
    try (NDManager scope = engine.newScope()) {
      program.run(scope, "fill", bytes / ROW_BYTES, scope.create(0f));
    }
    return new MemoryBandwidth(engine, program, bytes / ROW_BYTES * ROW_BYTES);
  }

  /**
   * Bytes per second of the best of a few passes over the buffer, in the ways that are known to be
   * fast.
   */
  public double bytesPerSecond() {
    long best = Long.MAX_VALUE;
    for (int pass = 0; pass < PASSES; pass++) {
      best = Math.min(best, Math.min(nanos("read"), nanos("multiply")));
    }
    return bytes * 1e9 / best;
  }

  private long nanos(String way) {
    try (NDManager scope = engine.newScope()) {
      long begin = System.nanoTime();
      program.run(scope, way).singletonOrThrow().getFloat();
      return System.nanoTime() - begin;
    }
  }

  @Override
  public void close() {
    program.close();
  }
}
