package dev.utter.speech.mimi;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import dev.utter.speech.AudioCodes;
import dev.utter.speech.audio.AudioClip;
import dev.utter.speech.checkpoint.config.MimiConfig;
import dev.utter.speech.torch.TorchEngine;
import dev.utter.speech.torch.TorchProgram;

/**
 * Turns clips into codes. Memory does not grow with the clip beyond the clip's own samples.
 *
 * <p>Threading: may be used by several threads at once.
 */
public final class MimiEncoder {

  private final TorchEngine engine;
  private final TorchProgram program;
  private final MimiConfig config;
  private final int passFrames;

  MimiEncoder(TorchEngine engine, TorchProgram program, MimiConfig config) {
    this(engine, program, config, MimiCodec.PASS_FRAMES);
  }

  private MimiEncoder(TorchEngine engine, TorchProgram program, MimiConfig config, int passFrames) {
    this.engine = engine;
    this.program = program;
    this.config = config;
    this.passFrames = passFrames;
  }

  /** The same encoder, with at most {@code frames} frames in a pass through the network. */
  MimiEncoder withPassFrames(int frames) {
    return new MimiEncoder(engine, program, config, frames);
  }

  /**
   * Encodes a clip; a last frame that is not full is completed with silence.
   *
   * @return codes {@code (ceil(samples / samples per frame), codebooks)}
   * @throws IllegalArgumentException if the clip has another sample rate, has no samples, or has a
   *     sample that is not a finite number
   */
  public AudioCodes encode(AudioClip clip) {
    check(clip);
    float[] samples = clip.samples();
    try (NDManager scope = engine.newScope()) {
      NDArray input = scope.create(samples, new Shape(1, 1, samples.length));
      NDArray codes = program.run(scope, "encode", input, passFrames).singletonOrThrow();
      return CodeArrays.toAudioCodes(codes.toLongArray(), config.codebooks());
    }
  }

  private void check(AudioClip clip) {
    if (clip.sampleRate() != config.sampleRate()) {
      throw new IllegalArgumentException(
          "the clip's sample rate is "
              + clip.sampleRate()
              + " Hz, must be "
              + config.sampleRate()
              + " Hz");
    }
    float[] samples = clip.samples();
    if (samples.length == 0) {
      throw new IllegalArgumentException("the clip has no samples, must have at least one");
    }
    for (int i = 0; i < samples.length; i++) {
      if (!Float.isFinite(samples[i])) {
        throw new IllegalArgumentException(
            "sample " + i + " of the clip is " + samples[i] + ", must be a finite number");
      }
    }
  }
}
