package dev.utter.speech.mimi;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import dev.utter.speech.checkpoint.Checkpoint;
import dev.utter.speech.checkpoint.config.MimiConfig;
import dev.utter.speech.checkpoint.config.TransformerConfig;
import dev.utter.speech.checkpoint.tensor.StoredTensor;
import dev.utter.speech.torch.TorchEngine;
import dev.utter.speech.torch.TorchProgram;
import java.util.HashMap;
import java.util.Map;

/**
 * A loaded codec: owner of the weights that encoder and decoder share. Close it after both.
 *
 * <p>Threading: encoder and decoder may be used by several threads at once.
 */
public final class MimiCodec implements AutoCloseable {

  /** Two seconds: long enough to keep the processor busy, 20 MB of activations. */
  static final int PASS_FRAMES = 25;

  private final TorchProgram program;
  private final MimiEncoder encoder;
  private final MimiDecoder decoder;

  private MimiCodec(TorchEngine engine, TorchProgram program, MimiConfig config) {
    this.program = program;
    this.encoder = new MimiEncoder(engine, program, config);
    this.decoder = new MimiDecoder(engine, program, config);
  }

  /**
   * Loads the codec of a checkpoint onto the engine's device, as fp32, independent of the
   * checkpoint's element type.
   *
   * @throws dev.utter.speech.failure.CheckpointException if a weight cannot be read
   */
  public static MimiCodec load(TorchEngine engine, Checkpoint checkpoint) {
    return load(engine, checkpoint, engine.isGpu());
  }

  /**
   * @param together whether attention is computed for all clips at once, instead of clip by clip:
   *     fewer and larger operations
   */
  static MimiCodec load(TorchEngine engine, Checkpoint checkpoint, boolean together) {
    MimiConfig config = checkpoint.config().codec();
    TorchProgram program =
        TorchProgram.load(
            engine, "mimi", Map.of(), Map.of("FRAME_STRIDE", MimiConfig.FRAME_STRIDE));
    try {
      hand(engine, program, config, checkpoint.tensors(Checkpoint.CODEC_PREFIX), together);
      return new MimiCodec(engine, program, config);
    } catch (RuntimeException e) {
      program.close();
      throw e;
    }
  }

  private static void hand(
      TorchEngine engine,
      TorchProgram program,
      MimiConfig config,
      Map<String, StoredTensor> tensors,
      boolean together) {
    TransformerConfig transformer = config.transformer();
    try (NDManager scope = engine.newScope()) {
      Map<String, NDArray> weights = new HashMap<>();
      tensors.forEach((name, tensor) -> weights.put(name, tensor.toNDArray(scope)));
      program.run(
          scope,
          "load",
          weights,
          scope.create(transformer.rope().inverseFrequencies(transformer.headDim())).duplicate(),
          config.ratios().stream().mapToLong(Integer::longValue).toArray(),
          transformer.layers(),
          transformer.attentionHeads(),
          transformer.keyValueHeads(),
          transformer.headDim(),
          config.slidingWindow(),
          config.semanticCodebooks(),
          config.codebooks(),
          config.upsampleGroups(),
          transformer.normEps(),
          config.frameSamples(),
          PASS_FRAMES,
          together);
    }
  }

  /** Turns clips into codes. */
  public MimiEncoder encoder() {
    return encoder;
  }

  /** Turns codes into clips. */
  public MimiDecoder decoder() {
    return decoder;
  }

  @Override
  public void close() {
    program.close();
  }
}
