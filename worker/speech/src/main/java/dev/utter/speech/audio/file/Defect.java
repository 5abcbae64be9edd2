package dev.utter.speech.audio.file;

import java.util.OptionalDouble;

/**
 * What a file lacks by its own account.
 *
 * @param what the rest of a sentence that begins with the format's name
 * @param share part of the audio that is there, 0 to 1; empty if the file does not say
 * @param seconds where it is, from the start of the part; empty if only decoding shows it
 */
public record Defect(String what, OptionalDouble share, OptionalDouble seconds) {

  /** Cut: less is there than the file says. */
  static Defect cut(double share) {
    return new Defect("is cut off", OptionalDouble.of(share), OptionalDouble.empty());
  }

  /** Cut, and nobody knows how much is missing. */
  static Defect cut(String what) {
    return new Defect(what, OptionalDouble.empty(), OptionalDouble.empty());
  }

  /** Damaged at a place. */
  static Defect damagedAt(double seconds) {
    return new Defect("is damaged", OptionalDouble.empty(), OptionalDouble.of(seconds));
  }
}
