package dev.utter.speech.watermark.network;

/** Brings clips to the power the networks were trained at, and back. */
public final class Loudness {
  /** Mean square of the training clips; the number is in SilentCipher's source. */
  private static final double TRAINED = 0.002837200844477648;

  /** Below this mean square a clip is silence: single precision is too coarse to scale it. */
  private static final double SILENCE = 1e-30;

  private Loudness() {}

  /** Factor that brings the samples to the trained power; 0 for silence. */
  public static double gain(float[] samples) {
    double sum = 0;
    for (float sample : samples) {
      sum += (double) sample * sample;
    }
    double power = samples.length == 0 ? 0 : sum / samples.length;
    return power < SILENCE ? 0 : Math.sqrt(TRAINED / power);
  }

  /** The samples, each multiplied by a factor; a new array. */
  public static float[] scale(float[] samples, double factor) {
    float[] scaled = new float[samples.length];
    for (int i = 0; i < scaled.length; i++) {
      scaled[i] = (float) (samples[i] * factor);
    }
    return scaled;
  }
}
