package dev.utter.speech.watermark;

import dev.utter.speech.audio.AudioClip;
import dev.utter.speech.watermark.network.PassPriority;
import java.time.Duration;

/**
 * Puts an inaudible key into clips and finds it again.
 *
 * <p>Threading: safe for several threads, {@link #close} excepted.
 */
public interface AudioWatermark extends AutoCloseable {

  /** The same clip, marked: rate and length stay. */
  AudioClip embed(AudioClip clip, WatermarkKey key);

  /** Looks for a mark with any of these keys in a clip of any rate. */
  Detection detect(AudioClip clip, KeyRing keys);

  /** Looks for a mark with this key in a clip of any rate. */
  default Detection detect(AudioClip clip, WatermarkKey expected) {
    return detect(clip, KeyRing.of(expected));
  }

  /**
   * The same watermark, whose passes have this priority. Both share the networks: close only one.
   */
  default AudioWatermark at(PassPriority priority) {
    return this;
  }

  /**
   * The same watermark, which reports each step of its looks, so that a look that waits for others
   * is not taken for one that hangs. Both share the networks: close only one.
   *
   * @param afterStep called on the thread that makes the steps; must not block or throw
   */
  default AudioWatermark reporting(Runnable afterStep) {
    return this;
  }

  /** The shortest clip that holds one whole message; a mark in a shorter one cannot be read. */
  Duration minimumDuration();

  /** Frees the native memory of the networks. */
  @Override
  void close();
}
