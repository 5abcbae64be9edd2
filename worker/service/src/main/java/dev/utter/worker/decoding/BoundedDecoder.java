package dev.utter.worker.decoding;

import static java.util.Objects.requireNonNull;

import dev.utter.speech.audio.AudioLimits;
import dev.utter.speech.audio.DecodeOptions;
import dev.utter.speech.audio.Recording;
import dev.utter.speech.audio.decode.AudioDecoder;
import dev.utter.speech.audio.ffmpeg.AudioToolException;
import dev.utter.speech.audio.file.UnreadableAudioException;
import dev.utter.worker.failure.RetryLaterException;

/**
 * Decodes files within a memory budget. The length of a recording is known only while it is
 * decoded, so each decoding reserves the memory of the longest allowed clip at the requested rate.
 *
 * <p>Threading: safe; waits while others use the budget up.
 */
public final class BoundedDecoder {
  /** Copies of the samples: those that arrive, and the final array. */
  private static final int COPIES = 2;

  private final AudioDecoder decoder;
  private final MemoryBudget budget;
  private final long longestSeconds;

  /** A decoder with a budget, which all roles of a worker share. */
  public BoundedDecoder(AudioDecoder decoder, AudioLimits limits, DecodingSettings settings) {
    this(decoder, limits, new MemoryBudget(settings.memoryBytes()));
  }

  BoundedDecoder(AudioDecoder decoder, AudioLimits limits, MemoryBudget budget) {
    this.decoder = requireNonNull(decoder, "decoder is null");
    this.budget = requireNonNull(budget, "budget is null");
    longestSeconds = limits.maxDuration().toSeconds() + 1;
  }

  /**
   * Decodes a file, see {@link AudioDecoder#decode(byte[], DecodeOptions)}.
   *
   * @throws UnreadableAudioException if the bytes can never be decoded
   * @throws AudioToolException if the decoder program cannot be run here
   * @throws RetryLaterException if the thread was interrupted while it waited for memory
   */
  public Recording decode(byte[] file, DecodeOptions options) {
    return budget.with(bytes(file, options), () -> decoder.decode(file, options));
  }

  private long bytes(byte[] file, DecodeOptions options) {
    return file.length + COPIES * Float.BYTES * longestSeconds * options.rate();
  }
}
