package dev.utter.speech.engine;

import java.util.ArrayList;
import java.util.List;

/** The samples of one clip as they are decoded. */
public final class Samples {

  private final List<float[]> parts = new ArrayList<>();
  private int frames;

  public void add(float[] decoded, int count) {
    parts.add(decoded);
    frames += count;
  }

  /** How many frames have been decoded. */
  public int frames() {
    return frames;
  }

  /** The first samples in one array. */
  public float[] joined(int length) {
    float[] joined = new float[length];
    int filled = 0;
    for (float[] part : parts) {
      int taken = Math.min(part.length, length - filled);
      System.arraycopy(part, 0, joined, filled, taken);
      filled += taken;
    }
    return joined;
  }
}
