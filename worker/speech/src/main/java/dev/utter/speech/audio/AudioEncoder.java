package dev.utter.speech.audio;

import java.util.Objects;

/** Turns clips into audio files. Safe for several threads. */
public final class AudioEncoder {
  private final AudioLimits limits;

  public AudioEncoder(AudioLimits limits) {
    this.limits = Objects.requireNonNull(limits, "limits is null");
  }

  /**
   * Encodes a clip.
   *
   * @throws AudioToolException if ffmpeg could not do its work
   */
  public byte[] encode(AudioClip clip, FileFormat format) {
    throw new UnsupportedOperationException("not landed yet, limits " + limits);
  }
}
