package dev.utter.speech.mimi;

import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import dev.utter.speech.checkpoint.config.MimiConfig;
import dev.utter.speech.checkpoint.config.TransformerConfig;
import dev.utter.speech.torch.TorchEngine;
import dev.utter.speech.torch.TorchProgram;

/**
 * The state of a clip that is decoded while its frames are generated, kept between {@link
 * MimiDecoder#decode(java.util.List, java.util.List) calls}. A stream belongs to one clip: a
 * generation that is preempted or moves to another slot keeps it, without copies.
 *
 * <p>Threading: one thread at a time. Close it before the codec.
 */
public final class MimiStream implements AutoCloseable {

  private static final int COUNTERS = 2;

  private final TorchEngine engine;
  private final TorchProgram program;
  private final NDManager owner;
  private final NDList state;

  MimiStream(TorchEngine engine, TorchProgram program) {
    this.engine = engine;
    this.program = program;
    this.owner = engine.newScope();
    try {
      this.state = program.run(owner, "open_stream");
    } catch (RuntimeException e) {
      owner.close();
      throw e;
    }
  }

  /** Native memory of a stream of such a codec, in bytes. */
  public static long bytes(MimiConfig config) {
    TransformerConfig transformer = config.transformer();
    int capacity = config.slidingWindow() - 1 + MimiConfig.FRAME_STRIDE * MimiCodec.PASS_FRAMES;
    long numbers = 2L * transformer.layers() * transformer.keyValueWidth() * capacity;
    int width = transformer.hiddenSize();
    numbers += (long) width * (config.frameKernelSize() / MimiConfig.FRAME_STRIDE - 1);
    numbers += (long) width * (config.kernelSize() - 1);
    int channels = config.filters() << config.ratios().size();
    for (int i = 0; i < config.ratios().size(); i++) {
      numbers += channels;
      channels /= 2;
      numbers += (long) channels * (config.residualKernelSize() - 1);
    }
    numbers += (long) channels * (config.lastKernelSize() - 1);
    return numbers * Float.BYTES + COUNTERS * Long.BYTES;
  }

  /** Resets the stream: the next frame is the first of a clip. */
  void reset() {
    try (NDManager scope = engine.newScope()) {
      program.run(scope, "reset_stream", state);
    }
  }

  NDList state() {
    return state;
  }

  /** Frees the stream's memory. Closing twice does nothing. */
  @Override
  public void close() {
    owner.close();
  }
}
