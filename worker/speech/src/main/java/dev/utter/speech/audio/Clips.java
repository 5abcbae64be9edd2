package dev.utter.speech.audio;

import dev.utter.speech.audio.file.UnreadableAudioException;
import java.time.Duration;

/** The rules that hold for every file, whatever its format. */
public final class Clips {
  private static final int LOWEST_RATE = 1_000;
  public static final int HIGHEST_RATE = 192_000;
  static final int MAX_CHANNELS = 64;

  private Clips() {}

  public static int checkRate(String format, long rate) {
    if (rate < LOWEST_RATE || rate > HIGHEST_RATE) {
      throw new UnreadableAudioException(
          "%s sample rate is %d Hz, must be %d to %d"
              .formatted(format, rate, LOWEST_RATE, HIGHEST_RATE));
    }
    return (int) rate;
  }

  public static int checkChannels(String format, int channels) {
    if (channels < 1 || channels > MAX_CHANNELS) {
      throw new UnreadableAudioException(
          "%s channels is %d, must be 1 to %d".formatted(format, channels, MAX_CHANNELS));
    }
    return channels;
  }

  public static void checkDuration(long frames, int rate, Duration maxDuration) {
    long max = maxFrames(rate, maxDuration);
    if (frames > max) {
      throw new UnreadableAudioException(
          "duration is %.3f s, must be at most %.3f s"
              .formatted((double) frames / rate, maxDuration.toMillis() / 1000.0));
    }
  }

  public static long maxFrames(int rate, Duration maxDuration) {
    return (long) Math.ceil(maxDuration.toMillis() / 1000.0 * rate);
  }

  /** Index of the first sample that is NaN or infinite, or -1. */
  public static int firstNotFinite(float[] samples) {
    for (int i = 0; i < samples.length; i++) {
      if (!Float.isFinite(samples[i])) {
        return i;
      }
    }
    return -1;
  }
}
