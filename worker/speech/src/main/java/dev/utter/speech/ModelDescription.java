package dev.utter.speech;

import java.time.Duration;
import java.util.Objects;

/**
 * Facts about a loaded model.
 *
 * @param name name of the model, usually the last part of its folder
 * @param revision hexadecimal digest of the checkpoint's configuration and index
 * @param sampleRate samples per second, in and out
 * @param samplesPerFrame samples one frame of codes stands for
 * @param codebooks codes per frame
 * @param vocabulary codes per codebook that the codec can decode; no other code is sampled
 * @param maxPositions maximum number of positions, of prompt and generated frames together
 */
public record ModelDescription(
    String name,
    String revision,
    int sampleRate,
    int samplesPerFrame,
    int codebooks,
    int vocabulary,
    int maxPositions) {

  private static final long NANOS_PER_SECOND = Duration.ofSeconds(1).toNanos();

  public ModelDescription {
    Objects.requireNonNull(name, "name is null");
    Objects.requireNonNull(revision, "revision is null");
  }

  /** Length of the audio that {@code frames} frames stand for. */
  public Duration duration(int frames) {
    return Duration.ofNanos((long) frames * samplesPerFrame * NANOS_PER_SECOND / sampleRate);
  }

  /** Number of whole frames that fit into {@code duration}. */
  public int frames(Duration duration) {
    long samples = duration.toMillis() * sampleRate / 1000;
    return Math.toIntExact(samples / samplesPerFrame);
  }
}
