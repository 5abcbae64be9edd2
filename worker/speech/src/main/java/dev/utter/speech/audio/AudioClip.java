package dev.utter.speech.audio;

import java.time.Duration;
import java.util.Arrays;
import java.util.Objects;

/**
 * Mono sound: samples nominally in -1..1, shape {@code (samples)}, and their rate.
 *
 * <p>The array is not copied. Neither the creator nor a reader of a clip may write to it. Under
 * that rule clips are safe to share between threads.
 *
 * @param samples one float per sample; may be empty
 * @param sampleRate samples per second, at least 1
 */
public record AudioClip(float[] samples, int sampleRate) {

  public AudioClip {
    Objects.requireNonNull(samples, "samples is null");
    if (sampleRate < 1) {
      throw new IllegalArgumentException("sampleRate is " + sampleRate + ", must be at least 1");
    }
  }

  /** Number of samples. */
  public int length() {
    return samples.length;
  }

  /** Playing time, rounded down to a nanosecond. */
  public Duration duration() {
    return Duration.ofSeconds(samples.length / sampleRate)
        .plusNanos(samples.length % sampleRate * 1_000_000_000L / sampleRate);
  }

  /** Equal if the rates are equal and the samples are equal bit for bit. */
  @Override
  public boolean equals(Object other) {
    return other instanceof AudioClip that
        && sampleRate == that.sampleRate
        && Arrays.equals(samples, that.samples);
  }

  @Override
  public int hashCode() {
    return 31 * sampleRate + Arrays.hashCode(samples);
  }

  @Override
  public String toString() {
    return "AudioClip[" + samples.length + " samples at " + sampleRate + " Hz]";
  }
}
