package dev.utter.speech.ending;

/** Measures how long a clip has been silent since its last sound. */
final class SilenceMeter {

  private static final int NO_SOUND = -1;

  private final double soundPower;
  private final long limit;
  private final long remainder;
  private int frames;
  private int lastSound = NO_SOUND;

  /**
   * @param level frames whose root mean square is below this many dBFS are silent
   * @param limit number of silent frames after a sound that ends the clip
   * @param remainder how many of them are kept
   */
  SilenceMeter(double level, long limit, long remainder) {
    this.soundPower = Math.pow(10, level / 10);
    this.limit = limit;
    this.remainder = remainder;
  }

  /**
   * Takes the samples {@code from} (inclusive) to {@code to} (exclusive): the next frame.
   *
   * @return whether the clip has been silent for too long now
   */
  boolean add(float[] samples, int from, int to) {
    double power = 0;
    for (int i = from; i < to; i++) {
      power += (double) samples[i] * samples[i];
    }
    if (power >= soundPower * (to - from)) {
      lastSound = frames;
    }
    frames++;
    return lastSound != NO_SOUND && frames - 1 - lastSound >= limit;
  }

  /** How many frames of a clip that has been silent for too long are kept. */
  int keptFrames() {
    return Math.toIntExact(lastSound + 1 + remainder);
  }
}
