package dev.utter.speech.audio.resample;

import java.util.ArrayList;
import java.util.List;

/** A growing list of samples, stored in blocks so that growth copies nothing. */
public final class SampleBuffer {
  private static final int BLOCK = 1 << 16;

  private final List<float[]> full = new ArrayList<>();
  private float[] block = new float[BLOCK];
  private int used;

  void add(float sample) {
    if (used == BLOCK) {
      full.add(block);
      block = new float[BLOCK];
      used = 0;
    }
    block[used++] = sample;
  }

  long length() {
    return (long) full.size() * BLOCK + used;
  }

  /** All samples in one array; the buffer is empty afterwards. */
  public float[] drain() {
    float[] all = new float[Math.toIntExact(length())];
    int at = 0;
    for (int i = 0; i < full.size(); i++) {
      System.arraycopy(full.set(i, null), 0, all, at, BLOCK);
      at += BLOCK;
    }
    System.arraycopy(block, 0, all, at, used);
    full.clear();
    used = 0;
    return all;
  }
}
