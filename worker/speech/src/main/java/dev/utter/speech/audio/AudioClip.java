package dev.utter.speech.audio;

import java.time.Duration;
import java.util.Objects;

/**
 * Mono audio.
 *
 * @param samples samples, full scale is -1 to 1; not copied, so treat them as read-only
 * @param sampleRate samples per second
 */
public record AudioClip(float[] samples, int sampleRate) {

  private static final long NANOS_PER_SECOND = Duration.ofSeconds(1).toNanos();

  public AudioClip {
    Objects.requireNonNull(samples, "samples is null");
    if (sampleRate < 1) {
      throw new IllegalArgumentException("sampleRate is " + sampleRate + ", must be at least 1");
    }
  }

  /** How long the clip plays. */
  public Duration duration() {
    long seconds = samples.length / sampleRate;
    return Duration.ofSeconds(
        seconds, (samples.length % sampleRate) * NANOS_PER_SECOND / sampleRate);
  }

  @Override
  public String toString() {
    return "AudioClip[samples=" + samples.length + ", sampleRate=" + sampleRate + "]";
  }
}
