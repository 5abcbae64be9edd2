package dev.utter.speech.audio;

import java.time.Duration;
import java.util.Locale;
import java.util.Objects;
import java.util.Optional;

/**
 * A property of a recording that may spoil the voice taken from it.
 *
 * @param kind the kind of note
 * @param position where it begins, from the start of the recording
 * @param message one sentence with the numbers; may be shown to the caller
 */
public record AudioNote(Kind kind, Duration position, String message) {

  /** Letters a second, faster than any speaker. */
  private static final double FASTEST_LETTERS = 40;

  /** Seconds of pauses before, within and after a text. */
  private static final double LONGEST_PAUSES = 4;

  /** Seconds. */
  private static final double SLOWEST_LETTER = 0.4;

  private static final double SLOWEST_IDEOGRAPH = 1;
  private static final double SLOWEST_DIGIT = 2;

  public AudioNote {
    Objects.requireNonNull(kind, "kind is null");
    Objects.requireNonNull(position, "position is null");
    Objects.requireNonNull(message, "message is null");
  }

  /**
   * A note if the length of a recording does not fit its text: more than 40 letters a second, or
   * much slower than any speaker.
   *
   * @param text what is said in the recording
   */
  public static Optional<AudioNote> lengthFor(String text, Duration length) {
    double longest = LONGEST_PAUSES;
    int letters = 0;
    for (int character : text.codePoints().toArray()) {
      if (Character.isDigit(character)) {
        longest += SLOWEST_DIGIT;
        letters++;
      } else if (Character.isIdeographic(character)) {
        longest += SLOWEST_IDEOGRAPH;
        letters++;
      } else if (Character.isLetter(character)) {
        longest += SLOWEST_LETTER;
        letters++;
      }
    }
    double seconds = length.toMillis() / 1000.0;
    double shortest = letters / FASTEST_LETTERS;
    if (seconds >= shortest && seconds <= longest) {
      return Optional.empty();
    }
    String message =
        String.format(
            Locale.ROOT,
            "the recording has %.1f s; its text takes %.1f to %.1f s",
            seconds,
            shortest,
            longest);
    return Optional.of(new AudioNote(Kind.LENGTH_UNLIKELY, Duration.ZERO, message));
  }

  /** The kinds of notes. */
  public enum Kind {
    /** Silence of two seconds or more. */
    SILENCE,
    /** Samples lie on the highest or lowest value for several samples in a row. */
    CLIPPED,
    /** Samples lie outside -1..1. */
    OUT_OF_RANGE,
    /** The channels' average is nearly silent, so the loudest channel is used instead. */
    CHANNELS_CANCEL,
    /** The file holds several recordings, one behind the other. */
    SEVERAL_FILES,
    /** The file is cut or damaged; only a part of it is used. */
    DAMAGED,
    /** The recording is far shorter or longer than its text can be. */
    LENGTH_UNLIKELY
  }
}
