package dev.utter.speech.audio;

import java.util.Objects;

/** Turns audio files into clips. Safe for several threads. */
public final class AudioDecoder {
  private final AudioLimits limits;

  public AudioDecoder(AudioLimits limits) {
    this.limits = Objects.requireNonNull(limits, "limits is null");
  }

  /**
   * Decodes a WAV, FLAC, MP3 or Ogg-Opus file; its first bytes say which. Channels are averaged.
   *
   * @return the clip at the file's own rate
   * @throws UnreadableAudioException if these bytes will never be a clip
   * @throws AudioToolException if ffmpeg could not do its work
   */
  public AudioClip decode(byte[] file) {
    throw new UnsupportedOperationException("not landed yet, limits " + limits);
  }
}
