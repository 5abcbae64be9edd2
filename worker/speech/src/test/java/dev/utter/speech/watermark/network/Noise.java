package dev.utter.speech.watermark.network;

import java.util.Random;

/** Coloured noise that swells and fades a little like speech, at the networks' power. */
public final class Noise {
  private Noise() {}

  /** Noise that is the same for the same seed and length. */
  public static float[] speechLike(int seed, int samples) {
    Random random = new Random(seed);
    float[] noise = new float[samples];
    double low = 0;
    double lower = 0;
    for (int i = 0; i < samples; i++) {
      low = 0.95 * low + random.nextGaussian();
      lower = 0.6 * lower + low;
      noise[i] = (float) (lower * (0.1 + Math.abs(Math.sin(i * 2.4e-4))));
    }
    return Loudness.scale(noise, Loudness.gain(noise));
  }
}
