package dev.utter.speech.audio;

import java.time.Duration;

/** The rules that hold for every file, whatever its format. */
final class Clips {
  private static final int LOWEST_RATE = 1_000;
  private static final int HIGHEST_RATE = 768_000;

  private Clips() {}

  static int checkRate(String format, long rate) {
    if (rate < LOWEST_RATE || rate > HIGHEST_RATE) {
      throw new UnreadableAudioException(
          "%s sample rate is %d, must be %d to %d"
              .formatted(format, rate, LOWEST_RATE, HIGHEST_RATE));
    }
    return (int) rate;
  }

  static void checkDuration(long frames, int rate, Duration maxDuration) {
    long most = mostFrames(rate, maxDuration);
    if (frames > most) {
      throw new UnreadableAudioException(
          "duration is %.3f s, must be at most %.3f s"
              .formatted((double) frames / rate, maxDuration.toMillis() / 1000.0));
    }
  }

  static long mostFrames(int rate, Duration maxDuration) {
    return (long) Math.ceil(maxDuration.toMillis() / 1000.0 * rate);
  }

  static AudioClip checkSamples(AudioClip clip) {
    int broken = firstNotFinite(clip.samples());
    if (broken >= 0) {
      throw new UnreadableAudioException(
          "sample %d is %s, must be a finite number".formatted(broken, clip.samples()[broken]));
    }
    return clip;
  }

  /** Index of the first sample that is NaN or infinite, or -1. */
  static int firstNotFinite(float[] samples) {
    for (int i = 0; i < samples.length; i++) {
      if (!Float.isFinite(samples[i])) {
        return i;
      }
    }
    return -1;
  }
}
