package dev.utter.speech.audio.encode;

import dev.utter.speech.audio.AudioClip;
import dev.utter.speech.audio.AudioLimits;
import dev.utter.speech.audio.FileFormat;
import dev.utter.speech.audio.ffmpeg.AudioToolException;
import dev.utter.speech.audio.ffmpeg.FfmpegRun;
import dev.utter.speech.audio.ffmpeg.TemporaryFile;
import dev.utter.speech.audio.resample.Resampler;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Encodes through ffmpeg into a file and not a pipe, because FLAC and MP3 headers are completed at
 * the end. Writes neither dates nor random stream numbers: the same clip gives the same bytes.
 *
 * <p>The bit rates are the lowest at which the development network's mark at 22 dB decodes with
 * almost the confidence it has before encoding: 96 kbit/s for Opus, 128 kbit/s for MP3. At half of
 * them it no longer decodes on every clip.
 */
final class FfmpegEncoder {
  private final AudioLimits limits;

  FfmpegEncoder(AudioLimits limits) {
    this.limits = limits;
  }

  byte[] encode(AudioClip clip, FileFormat format) {
    AudioClip fitting = fit(clip, format);
    byte[] raw =
        format == FileFormat.FLAC
            ? WaveWriter.pcm16Samples(fitting.samples())
            : WaveWriter.float32Samples(fitting.samples());
    List<String> arguments = arguments(fitting.sampleRate(), format);
    try (TemporaryFile output = TemporaryFile.create()) {
      try (FfmpegRun run =
          FfmpegRun.start(
              arguments, List.of(ByteBuffer.wrap(raw)), limits.ofRun(), Optional.of(output))) {
        Optional<String> complaint = run.finish();
        if (complaint.isPresent()) {
          throw new AudioToolException("encoding " + format + " failed: " + complaint.get());
        }
      }
      byte[] file = output.read();
      if (format == FileFormat.MP3) {
        LameHeader.setLength(file, fitting.sampleRate(), fitting.samples().length);
      }
      return file;
    } catch (IOException e) {
      throw new AudioToolException("encoding " + format + " failed", e);
    }
  }

  /** The nearest rate the format knows, and for lossy formats samples within -1..1. */
  private static AudioClip fit(AudioClip clip, FileFormat format) {
    AudioClip fitting = Resampler.resample(clip, format.nearestRate(clip.sampleRate()));
    if (format == FileFormat.FLAC) {
      return fitting;
    }
    float[] samples = new float[fitting.samples().length];
    for (int i = 0; i < samples.length; i++) {
      samples[i] = Math.max(-1, Math.min(1, fitting.samples()[i]));
    }
    return new AudioClip(samples, fitting.sampleRate());
  }

  private static List<String> arguments(int rate, FileFormat format) {
    List<String> arguments = new ArrayList<>(List.of("-threads", "1", "-protocol_whitelist", "fd"));
    arguments.addAll(List.of("-f", format == FileFormat.FLAC ? "s16le" : "f32le"));
    arguments.addAll(List.of("-ar", Integer.toString(rate), "-ac", "1", "-i", "fd:"));
    arguments.addAll(List.of("-map_metadata", "-1", "-fflags", "+bitexact"));
    arguments.addAll(List.of("-flags:a", "+bitexact"));
    arguments.addAll(
        switch (format) {
          case FLAC -> List.of("-c:a", "flac", "-f", "flac");
          case OGG_OPUS ->
              List.of("-c:a", "libopus", "-b:a", "96k", "-application", "audio", "-f", "opus");
          case MP3 ->
              List.of("-c:a", "libmp3lame", "-b:a", "128k", "-id3v2_version", "0", "-f", "mp3");
          default -> throw new IllegalArgumentException(format + " needs no ffmpeg");
        });
    arguments.addAll(List.of("-fd", "1", "fd:"));
    return arguments;
  }
}
