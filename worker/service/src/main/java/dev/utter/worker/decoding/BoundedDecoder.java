package dev.utter.worker.decoding;

import static java.util.Objects.requireNonNull;

import dev.utter.speech.audio.AudioClip;
import dev.utter.speech.audio.AudioDecoder;
import dev.utter.speech.audio.AudioLimits;
import dev.utter.speech.audio.AudioToolException;
import dev.utter.speech.audio.UnreadableAudioException;
import dev.utter.worker.failure.RetryLaterException;

/**
 * Decodes files within a budget of memory. How much a file needs is not known before it is decoded,
 * so each one takes as much as the longest clip allowed would.
 *
 * <p>Threading: safe; waits while others use the budget up.
 */
public final class BoundedDecoder {
  /** Highest rate that a file may have. */
  private static final int HIGHEST_RATE = 768_000;

  /** A clip while it grows, and the array it ends in. */
  private static final int COPIES = 2;

  private final AudioDecoder decoder;
  private final MemoryBudget budget;
  private final long clipBytes;

  /** A decoder with a budget, which all roles of a worker share. */
  public BoundedDecoder(AudioDecoder decoder, AudioLimits limits, DecodingSettings settings) {
    this(decoder, limits, new MemoryBudget(settings.memoryBytes()));
  }

  BoundedDecoder(AudioDecoder decoder, AudioLimits limits, MemoryBudget budget) {
    this.decoder = requireNonNull(decoder, "decoder is null");
    this.budget = requireNonNull(budget, "budget is null");
    clipBytes = COPIES * limits.maxDuration().toSeconds() * HIGHEST_RATE * Float.BYTES;
  }

  /**
   * Decodes a whole, undamaged file at its own rate.
   *
   * @return the clip; never empty
   * @throws UnreadableAudioException if these bytes will never be a clip
   * @throws AudioToolException if the decoder program cannot be run here
   * @throws RetryLaterException if the thread was interrupted while it waited for memory
   */
  public AudioClip decode(byte[] file) {
    return budget.with(file.length + clipBytes, () -> decoder.decode(file));
  }
}
