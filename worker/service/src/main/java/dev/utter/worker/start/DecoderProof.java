package dev.utter.worker.start;

import static java.util.Objects.requireNonNull;

import dev.utter.speech.audio.AudioClip;
import dev.utter.speech.audio.AudioLimits;
import dev.utter.speech.audio.FileFormat;
import dev.utter.speech.audio.decode.AudioDecoder;
import dev.utter.speech.audio.encode.AudioEncoder;
import dev.utter.speech.audio.ffmpeg.AudioToolException;
import dev.utter.worker.failure.RetryLaterException;

/**
 * Proves with a clip of 20 ms that the program which reads and writes compressed audio runs.
 *
 * <p>Threading: one thread at a time.
 */
public final class DecoderProof implements Runnable {
  private static final AudioClip CLIP = new AudioClip(new float[480], 24_000);

  private final AudioEncoder encoder = new AudioEncoder(AudioLimits.DEFAULT);
  private final AudioDecoder decoder;

  /** A proof by this decoder. */
  public DecoderProof(AudioDecoder decoder) {
    this.decoder = requireNonNull(decoder, "decoder is null");
  }

  /**
   * Writes and reads.
   *
   * @throws RetryLaterException if the program cannot be unpacked or run here
   */
  @Override
  public void run() {
    try {
      decoder.selfCheck();
      decoder.decode(encoder.encode(CLIP, FileFormat.FLAC));
    } catch (AudioToolException e) {
      throw new RetryLaterException(
          "the audio decoder does not run: "
              + e.getMessage()
              + (e.getCause() == null ? "" : ": " + e.getCause())
              + "; set UTTER_CACHE to a folder that can be written and holds programs that run",
          e);
    }
  }
}
