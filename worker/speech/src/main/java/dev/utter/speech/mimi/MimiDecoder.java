package dev.utter.speech.mimi;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import dev.utter.speech.AudioCodes;
import dev.utter.speech.audio.AudioClip;
import dev.utter.speech.checkpoint.config.MimiConfig;
import dev.utter.speech.torch.TorchEngine;
import dev.utter.speech.torch.TorchProgram;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.stream.IntStream;

/**
 * Turns codes into clips, in one call or as they are generated. Memory does not grow with the clip
 * beyond the clip's own samples.
 *
 * <p>Threading: may be used by several threads at once, a stream by one of them at a time.
 */
public final class MimiDecoder {

  private final TorchEngine engine;
  private final TorchProgram program;
  private final MimiConfig config;
  private final int passFrames;

  MimiDecoder(TorchEngine engine, TorchProgram program, MimiConfig config) {
    this(engine, program, config, MimiCodec.PASS_FRAMES);
  }

  private MimiDecoder(TorchEngine engine, TorchProgram program, MimiConfig config, int passFrames) {
    this.engine = engine;
    this.program = program;
    this.config = config;
    this.passFrames = passFrames;
  }

  /** The same decoder, with at most {@code frames} frames in a pass through the network. */
  MimiDecoder withPassFrames(int frames) {
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
      NDArray samples = program.run(scope, "decode", input, passFrames).singletonOrThrow();
      return new AudioClip(samples.toFloatArray(), config.sampleRate());
    }
  }

  /** Begins a clip whose frames come a few at a time. The caller closes it. */
  public MimiStream openStream() {
    return new MimiStream(engine, program);
  }

  /**
   * Decodes the next frames of some clips, all in one call. The samples of a stream over all calls
   * equal {@link #decode(AudioCodes)} of all its codes up to rounding. They depend neither on other
   * streams nor on the number of frames per call.
   *
   * @param streams at least one, each once
   * @param codes the next frames of each stream, the same number for each, at least one
   * @return the next samples of each stream, {@code frames * samples per frame} each; not clipped
   *     to -1..1
   * @throws IllegalArgumentException as {@link #decode(AudioCodes)}, if the numbers of frames
   *     differ, or if there is not one piece of codes for each stream
   */
  public List<float[]> decode(List<MimiStream> streams, List<AudioCodes> codes) {
    check(streams, codes);
    int frames = codes.get(0).frames();
    long[] values = codes.stream().flatMapToLong(CodeArrays::streamByCodebook).toArray();
    NDList states = new NDList();
    streams.forEach(stream -> states.addAll(stream.state()));
    try (NDManager scope = engine.newScope()) {
      NDArray input = scope.create(values, new Shape(streams.size(), config.codebooks(), frames));
      float[] samples =
          program
              .run(scope, "decode_streams", input, states, passFrames)
              .singletonOrThrow()
              .toFloatArray();
      int length = frames * config.frameSamples();
      return IntStream.range(0, streams.size())
          .mapToObj(i -> Arrays.copyOfRange(samples, i * length, (i + 1) * length))
          .toList();
    }
  }

  private void check(List<MimiStream> streams, List<AudioCodes> codes) {
    if (streams.isEmpty() || streams.size() != codes.size()) {
      throw new IllegalArgumentException(
          "there are "
              + streams.size()
              + " streams and "
              + codes.size()
              + " pieces of codes, must be as many of both and at least one");
    }
    if (new HashSet<>(streams).size() < streams.size()) {
      throw new IllegalArgumentException("a stream is there twice, must be there once");
    }
    int frames = codes.get(0).frames();
    for (AudioCodes piece : codes) {
      check(piece, config);
      if (piece.frames() != frames) {
        throw new IllegalArgumentException(
            "one stream has "
                + frames
                + " frames and another "
                + piece.frames()
                + ", must have the same number");
      }
    }
  }

  private static void check(AudioCodes codes, MimiConfig config) {
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
