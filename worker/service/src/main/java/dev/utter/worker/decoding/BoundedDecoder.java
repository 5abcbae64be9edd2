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
 * Decodes files within a budget of memory. How long a recording is shows only while it is decoded,
 * so each one takes as much as the longest clip allowed has at the rate asked for.
 *
 * <p>Threading: safe; waits while others use the budget up.
 */
public final class BoundedDecoder {
  /** The samples as they arrive, and the array they end in. */
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
   * @throws UnreadableAudioException if these bytes will never be a clip
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
