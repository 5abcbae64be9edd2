package dev.utter.speech.mimi;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import dev.utter.speech.AudioCodes;
import dev.utter.speech.audio.AudioClip;
import dev.utter.speech.checkpoint.MimiConfig;
import dev.utter.speech.torch.TorchEngine;
import dev.utter.speech.torch.TorchProgram;

/**
 * Turns codes into clips, at once or as they come. Memory does not grow with the clip beyond the
 * clip's own samples.
 *
 * <p>Threading: may be used by several threads at once.
 */
public final class MimiDecoder {

  /** About ten seconds: long enough to keep the processor busy, 100 MB of activations. */
  static final int CHUNK_FRAMES = 125;

  private final TorchEngine engine;
  private final TorchProgram program;
  private final MimiConfig config;
  private final int chunkFrames;

  MimiDecoder(TorchEngine engine, TorchProgram program, MimiConfig config) {
    this(engine, program, config, CHUNK_FRAMES);
  }

  private MimiDecoder(
      TorchEngine engine, TorchProgram program, MimiConfig config, int chunkFrames) {
    this.engine = engine;
    this.program = program;
    this.config = config;
    this.chunkFrames = chunkFrames;
  }

  /** The same decoder, working in chunks of another length. */
  MimiDecoder withChunkFrames(int frames) {
    return new MimiDecoder(engine, program, config, frames);
  }

  /**
   * Decodes codes {@code (frames, codebooks)}.
   *
   * @return {@code frames * samples per frame} samples; not clipped to -1..1
   * @throws IllegalArgumentException if there are no frames, the number of codebooks is not the
   *     codec's, or a code is outside its codebook
   */
  public AudioClip decode(AudioCodes codes) {
    check(codes, config);
    try (NDManager scope = engine.newScope()) {
      NDArray input =
          scope.create(
              CodeArrays.byCodebook(codes), new Shape(1, codes.codebooks(), codes.frames()));
      NDArray samples = program.run(scope, "decode", input, chunkFrames).singletonOrThrow();
      return new AudioClip(samples.toFloatArray(), config.sampleRate());
    }
  }

  /**
   * Opens streams that decode frame by frame.
   *
   * @param slots how many streams, at least 1
   */
  public MimiStreams openStreams(int slots) {
    return new MimiStreams(engine, program, config, slots);
  }

  static void check(AudioCodes codes, MimiConfig config) {
    if (codes.codebooks() != config.codebooks()) {
      throw new IllegalArgumentException(
          "the codes have " + codes.codebooks() + " codebooks, must have " + config.codebooks());
    }
    if (codes.frames() == 0) {
      throw new IllegalArgumentException("the codes have no frames, must have at least one");
    }
    int[] values = codes.values();
    for (int i = 0; i < values.length; i++) {
      if (values[i] < 0 || values[i] >= config.codebookSize()) {
        throw new IllegalArgumentException(
            "the code of codebook "
                + i % codes.codebooks()
                + " in frame "
                + i / codes.codebooks()
                + " is "
                + values[i]
                + ", must be from 0 to "
                + (config.codebookSize() - 1));
      }
    }
  }
}
