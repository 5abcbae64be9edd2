package dev.utter.speech.audio.file;

import java.util.OptionalDouble;

/**
 * A defect that the structure of a file shows.
 *
 * @param what the rest of a sentence that begins with the format's name
 * @param share part of the audio that is there, 0 to 1; empty if the file does not say
 * @param seconds where it is, from the start of the part; empty if only decoding shows it
 */
public record Defect(String what, OptionalDouble share, OptionalDouble seconds) {

  /** Cut off: the file has fewer bytes than it declares. */
  static Defect cut(double share) {
    return new Defect("is cut off", OptionalDouble.of(share), OptionalDouble.empty());
  }

  /** Cut off; it is unknown how much is missing. */
  static Defect cut(String what) {
    return new Defect(what, OptionalDouble.empty(), OptionalDouble.empty());
  }

  /** Damaged at this position, in seconds. */
  static Defect damagedAt(double seconds) {
    return new Defect("is damaged", OptionalDouble.empty(), OptionalDouble.of(seconds));
  }
}
