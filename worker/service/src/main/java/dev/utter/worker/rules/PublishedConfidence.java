package dev.utter.worker.rules;

/**
 * The confidence of a detection as it is published: in steps of 0.05, so that an attacker who
 * changes a clip little by little cannot see which change weakened its mark.
 */
public final class PublishedConfidence {
  private static final int STEPS = 20;

  private PublishedConfidence() {}

  /** The nearest step, 0 to 1. */
  public static float of(float confidence) {
    return (float) Math.round(confidence * STEPS) / STEPS;
  }
}
