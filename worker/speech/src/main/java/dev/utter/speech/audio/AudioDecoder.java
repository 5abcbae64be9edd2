package dev.utter.speech.audio;

import java.util.Objects;

/** Turns audio files into clips. Safe for several threads. */
public final class AudioDecoder {
  private final AudioLimits limits;
  private final FfmpegDecoder ffmpeg;

  public AudioDecoder(AudioLimits limits) {
    this.limits = Objects.requireNonNull(limits, "limits is null");
    ffmpeg = new FfmpegDecoder(limits);
  }

  /**
   * Decodes a WAV, FLAC, MP3 or Ogg-Opus file; its first bytes say which. Channels are averaged.
   * Every sample of the result is a finite number. Encoder delay and padding that the file declares
   * are removed.
   *
   * @return the clip at the file's own rate, which for Opus is always 48 kHz; never empty
   * @throws UnreadableAudioException if these bytes will never be a clip
   * @throws AudioToolException if ffmpeg could not do its work
   */
  public AudioClip decode(byte[] file) {
    if (file.length > limits.maxFileBytes()) {
      throw new UnreadableAudioException(
          "the file has %d bytes, must have at most %d"
              .formatted(file.length, limits.maxFileBytes()));
    }
    Container container = Container.of(file);
    return Clips.checkSamples(
        container == Container.WAVE
            ? WaveReader.read(file, limits.maxDuration())
            : ffmpeg.decode(file, container));
  }
}
