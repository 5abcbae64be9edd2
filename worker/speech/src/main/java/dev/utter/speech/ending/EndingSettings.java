package dev.utter.speech.ending;

import java.time.Duration;
import java.util.Objects;
import java.util.Optional;

/**
 * Guards that end a generation which does not end by itself. CSM sometimes does not sample the
 * frame that ends its audio. It then continues with silence, with the same frame again and again,
 * or with sounds that have nothing to do with the text, up to the limit. Each guard can be switched
 * off.
 *
 * @param repeatedFrames number of equal frames in a row that ends a clip as stuck; 0 switches this
 *     off; default 25, two seconds at 12.5 frames per second. In audible speech, not all codebooks
 *     stay the same for three frames
 * @param silence ends a clip that has become silent
 * @param runaway ends a clip that has become too long for its text
 */
public record EndingSettings(
    int repeatedFrames, Optional<Silence> silence, Optional<Runaway> runaway) {

  /** All guards off. */
  public static final EndingSettings NONE =
      new EndingSettings(0, Optional.empty(), Optional.empty());

  public EndingSettings {
    if (repeatedFrames < 0 || repeatedFrames == 1) {
      throw new IllegalArgumentException(
          "repeatedFrames is " + repeatedFrames + ", must be 0 or at least 2");
    }
    Objects.requireNonNull(silence, "silence is null");
    Objects.requireNonNull(runaway, "runaway is null");
  }

  /** All guards on, each with its defaults. */
  public static EndingSettings defaults() {
    return new EndingSettings(25, Optional.of(Silence.DEFAULT), Optional.of(Runaway.DEFAULT));
  }

  /**
   * When a clip has become silent. Silence before the first sound does not count, however long it
   * is: a voice may begin late.
   *
   * <p>The defaults leave good speech alone: even a whisper is some 20 dB above -60 dBFS, and
   * speakers do not pause for five seconds within an utterance of at most 90. A voice recorded in a
   * noisy room never gets that quiet, so this guard never cuts it.
   *
   * @param level a frame whose root mean square is below this many decibels relative to full scale
   *     is silent; below 0; default -60
   * @param longest silence of this length ends the clip; above zero; default 5 s
   * @param remainder how much of that silence is kept; not longer than {@code longest}; default 500
   *     ms
   */
  public record Silence(double level, Duration longest, Duration remainder) {

    /** Five seconds below -60 dBFS, of which half a second is kept. */
    public static final Silence DEFAULT =
        new Silence(-60, Duration.ofSeconds(5), Duration.ofMillis(500));

    public Silence {
      if (!(level < 0) || Double.isInfinite(level)) {
        throw new IllegalArgumentException(
            "level is " + level + ", must be finite and below 0 dBFS");
      }
      if (longest.isNegative() || longest.isZero()) {
        throw new IllegalArgumentException("longest is " + longest + ", must be above zero");
      }
      if (remainder.isNegative() || remainder.compareTo(longest) > 0) {
        throw new IllegalArgumentException(
            "remainder is " + remainder + ", must be from zero to longest, " + longest);
      }
    }
  }

  /**
   * The maximum length of a clip for its text. Nothing is cut off: the frames up to that length
   * stay.
   *
   * <p>The defaults leave good speech alone: a token is three quarters of a word on average, so
   * ordinary speech takes a quarter of a second for it; two seconds are enough to read out a token
   * of three digits slowly, and ten seconds on top leave room for laughter and hesitation.
   *
   * @param base what every text may take; not negative; default 10 s
   * @param perToken what each token of the text to speak may take on top; not negative; default 2 s
   */
  public record Runaway(Duration base, Duration perToken) {

    /** Ten seconds, and two for each token. */
    public static final Runaway DEFAULT =
        new Runaway(Duration.ofSeconds(10), Duration.ofSeconds(2));

    public Runaway {
      if (base.isNegative()) {
        throw new IllegalArgumentException("base is " + base + ", must not be negative");
      }
      if (perToken.isNegative()) {
        throw new IllegalArgumentException("perToken is " + perToken + ", must not be negative");
      }
      if (base.isZero() && perToken.isZero()) {
        throw new IllegalArgumentException("base and perToken are both zero, one must be above it");
      }
    }

    Duration allowance(int textTokens) {
      return base.plus(perToken.multipliedBy(textTokens));
    }
  }
}
