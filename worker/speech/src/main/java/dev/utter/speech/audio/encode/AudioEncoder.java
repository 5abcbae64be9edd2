package dev.utter.speech.audio.encode;

import dev.utter.speech.audio.AudioClip;
import dev.utter.speech.audio.AudioLimits;
import dev.utter.speech.audio.Clips;
import dev.utter.speech.audio.FileFormat;
import dev.utter.speech.audio.ffmpeg.AudioToolException;
import java.util.Objects;

/** Turns clips into audio files. Safe for several threads. */
public final class AudioEncoder {
  private final AudioLimits limits;
  private final FfmpegEncoder ffmpeg;

  public AudioEncoder(AudioLimits limits) {
    this.limits = Objects.requireNonNull(limits, "limits is null");
    ffmpeg = new FfmpegEncoder(limits);
  }

  /**
   * Encodes a clip; the same clip gives the same bytes. WAV and FLAC keep the rate; MP3 and Opus
   * resample to the next rate they know. The decoded file has exactly the clip's length, for Opus
   * at 48 kHz (an MP3 of a few samples is longer). 16-bit formats round to nearest, ties to even,
   * and clip; lossy ones clip to -1..1.
   *
   * @throws IllegalArgumentException if the clip is empty, longer than the limit, or holds a sample
   *     that is not a finite number
   * @throws AudioToolException if ffmpeg could not do its work
   */
  public byte[] encode(AudioClip clip, FileFormat format) {
    Objects.requireNonNull(format, "format is null");
    if (clip.samples().length == 0) {
      throw new IllegalArgumentException("clip has 0 samples, needs at least 1");
    }
    if (clip.samples().length > Clips.maxFrames(clip.sampleRate(), limits.maxDuration())) {
      throw new IllegalArgumentException(
          "clip lasts " + clip.duration() + ", must last at most " + limits.maxDuration());
    }
    int broken = Clips.firstNotFinite(clip.samples());
    if (broken >= 0) {
      throw new IllegalArgumentException(
          "sample %d is %s, must be a finite number".formatted(broken, clip.samples()[broken]));
    }
    return switch (format) {
      case WAV_PCM16 -> WaveWriter.pcm16(clip);
      case WAV_FLOAT -> WaveWriter.float32(clip);
      default -> ffmpeg.encode(clip, format);
    };
  }
}
