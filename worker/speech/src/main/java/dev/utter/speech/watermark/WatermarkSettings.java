package dev.utter.speech.watermark;

import java.util.Objects;
import java.util.OptionalDouble;

/**
 * The strength of marks, and the requirements of a detection.
 *
 * @param strengthDecibels ratio of clip to mark in dB, 0 to 100; the smaller, the stronger the
 *     mark. Empty: CSM's 36 dB, or what the network was trained for ({@code message_sdr} in its
 *     hparams.yaml) if that is stronger
 * @param threshold minimum confidence of a mark, 0..1. Marked clips decode at 0.78 and more after
 *     lossy encoding; chance reaches 0.57 on clips of five repeats, less on longer ones
 * @param minimumRepeats how many whole repetitions of the message a clip must hold before keys that
 *     are much alike are distinguished and a message other than the expected key counts as a mark;
 *     at least 1. With few repetitions chance alone reaches any threshold and one wrong frame
 *     changes the message
 * @param precision numeric precision of looks at clips
 */
public record WatermarkSettings(
    OptionalDouble strengthDecibels, float threshold, int minimumRepeats, Precision precision) {

  /** The numeric precision of looks at clips. */
  public enum Precision {
    /**
     * First looks with reduced precision where that is faster; one that is not decisive is repeated
     * in 32 bit.
     */
    AUTO,
    /** Always 32 bit. */
    EXACT
  }

  private static final double CSM_DECIBELS = 36;

  /** CSM's strength at most, threshold 0.6, five repeats, reduced precision where it helps. */
  public static final WatermarkSettings DEFAULT =
      new WatermarkSettings(OptionalDouble.empty(), 0.6f, 5, Precision.AUTO);

  public WatermarkSettings {
    Objects.requireNonNull(precision, "precision is null");
    Objects.requireNonNull(strengthDecibels, "strengthDecibels is null");
    double strength = strengthDecibels.orElse(0);
    if (!(strength >= 0 && strength <= 100)) {
      throw new IllegalArgumentException("strengthDecibels is " + strength + ", must be 0 to 100");
    }
    if (!(threshold >= 0 && threshold <= 1)) {
      throw new IllegalArgumentException("threshold is " + threshold + ", must be 0 to 1");
    }
    if (minimumRepeats < 1) {
      throw new IllegalArgumentException(
          "minimumRepeats is " + minimumRepeats + ", must be at least 1");
    }
  }

  /** With reduced precision where it helps. */
  public WatermarkSettings(OptionalDouble strengthDecibels, float threshold, int minimumRepeats) {
    this(strengthDecibels, threshold, minimumRepeats, Precision.AUTO);
  }

  /** The strength for a network that was trained for another: the stronger of both counts. */
  double strengthFor(double trainedDecibels) {
    return strengthDecibels.orElse(Math.min(CSM_DECIBELS, trainedDecibels));
  }
}
