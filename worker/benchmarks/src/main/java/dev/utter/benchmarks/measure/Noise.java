package dev.utter.benchmarks.measure;

import dev.utter.speech.audio.AudioClip;
import java.util.Random;

/** Noise whose spectrum falls as that of speech does: what marking costs does not depend on it. */
public final class Noise {
  private static final int RATE = 24_000;

  private Noise() {}

  /** The same clip of this length each time. */
  public static AudioClip clip(double seconds) {
    Random random = new Random(1);
    float[] samples = new float[(int) Math.round(seconds * RATE)];
    float last = 0;
    for (int i = 0; i < samples.length; i++) {
      last = 0.95f * last + 0.02f * (float) random.nextGaussian();
      samples[i] = last;
    }
    return new AudioClip(samples, RATE);
  }
}
