package dev.utter.speech.audio;

/**
 * How a recording is read.
 *
 * @param rate samples per second of the result; with {@code atMost}, only recordings above it are
 *     resampled
 * @param atMost whether {@code rate} is an upper limit
 * @param tolerant whether a cut or damaged recording is taken as far as it can be decoded
 */
public record DecodeOptions(int rate, boolean atMost, boolean tolerant) {

  public DecodeOptions {
    if (rate < 1 || rate > Clips.HIGHEST_RATE) {
      throw new IllegalArgumentException(
          "rate is " + rate + ", must be 1 to " + Clips.HIGHEST_RATE);
    }
  }

  /** At the recording's own rate; damaged recordings are refused. */
  public static DecodeOptions ownRate() {
    return upTo(Clips.HIGHEST_RATE);
  }

  /** At this rate; memory is bounded by the result. Damaged recordings are refused. */
  public static DecodeOptions atRate(int rate) {
    return new DecodeOptions(rate, false, false);
  }

  /** At the recording's own rate if that is not higher than this; damaged ones are refused. */
  public static DecodeOptions upTo(int rate) {
    return new DecodeOptions(rate, true, false);
  }

  /** The same, with another rule for damaged recordings. */
  public DecodeOptions tolerant(boolean accepted) {
    return new DecodeOptions(rate, atMost, accepted);
  }

  public int rateFor(int ownRate) {
    return atMost ? Math.min(rate, ownRate) : rate;
  }
}
