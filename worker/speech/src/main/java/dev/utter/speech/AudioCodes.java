package dev.utter.speech;

import java.util.Arrays;
import java.util.Objects;

/**
 * Codes of the audio codec, shape {@code (frames, codebooks)}, row-major: the codebooks of one
 * frame lie side by side. Immutable; equality is by content.
 *
 * @param codebooks how many codes make one frame, at least 1
 * @param values all codes, {@code frames * codebooks} of them; copied on the way in and out
 */
public record AudioCodes(int codebooks, int[] values) {

  public AudioCodes {
    if (codebooks < 1) {
      throw new IllegalArgumentException("codebooks is " + codebooks + ", must be at least 1");
    }
    Objects.requireNonNull(values, "values is null");
    if (values.length % codebooks != 0) {
      throw new IllegalArgumentException(
          values.length + " codes are not a whole number of frames of " + codebooks);
    }
    values = values.clone();
  }

  /** Number of frames; may be 0. */
  public int frames() {
    return values.length / codebooks;
  }

  /** The code of one codebook in one frame. */
  public int code(int frame, int codebook) {
    Objects.checkIndex(codebook, codebooks);
    return values[Objects.checkIndex(frame, frames()) * codebooks + codebook];
  }

  /** The codes of one frame, in codebook order. */
  public int[] frame(int frame) {
    int start = Objects.checkIndex(frame, frames()) * codebooks;
    return Arrays.copyOfRange(values, start, start + codebooks);
  }

  @Override
  public int[] values() {
    return values.clone();
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof AudioCodes codes
        && codebooks == codes.codebooks
        && Arrays.equals(values, codes.values);
  }

  @Override
  public int hashCode() {
    return 31 * codebooks + Arrays.hashCode(values);
  }

  @Override
  public String toString() {
    return "AudioCodes[frames=" + frames() + ", codebooks=" + codebooks + "]";
  }
}
