package dev.utter.speech.audio;

import java.io.BufferedInputStream;
import java.io.DataInputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * Decodes through ffmpeg. The demuxer and the decoder are fixed by the file's magic bytes and the
 * only protocol is the open file descriptor of the input, so a file cannot make ffmpeg open another
 * one. (A pipe would do but for MP3, whose padding ffmpeg only removes where it can seek.) The
 * sound comes back as a stream of Sun AU (a short header with rate and channels, then big-endian
 * floats), is averaged to mono as it arrives and cut off at the longest allowed duration.
 */
final class FfmpegDecoder {
  private static final int AU_MAGIC = 0x2E736E64;
  private static final int AU_FLOAT = 6;
  private static final int AU_HEADER = 24;
  private static final int MOST_CHANNELS = 255;

  private final AudioLimits limits;

  FfmpegDecoder(AudioLimits limits) {
    this.limits = limits;
  }

  AudioClip decode(byte[] file, Container container) {
    try (TemporaryFolder folder = TemporaryFolder.create()) {
      Path input = Files.write(folder.resolve("input"), file);
      try (FfmpegRun run =
          FfmpegRun.start(arguments(container), input, folder.path(), limits, 1 << 20)) {
        return read(run, container);
      }
    } catch (IOException e) {
      throw new AudioToolException("decoding " + container.title() + " failed", e);
    }
  }

  private List<String> arguments(Container container) {
    List<String> arguments = new ArrayList<>();
    if (container != Container.MP3) {
      arguments.add("-xerror");
      arguments.addAll(List.of("-err_detect", "crccheck+explode"));
    }
    arguments.addAll(List.of("-threads", "1", "-protocol_whitelist", "fd"));
    arguments.addAll(List.of("-format_whitelist", container.demuxer()));
    arguments.addAll(List.of("-codec_whitelist", container.codec(), "-f", container.demuxer()));
    arguments.addAll(List.of("-i", "fd:", "-map", "0:a:0", "-map_metadata", "-1"));
    arguments.addAll(List.of("-c:a", "pcm_f32be", "-f", "au", "pipe:1"));
    return arguments;
  }

  private AudioClip read(FfmpegRun run, Container container) throws IOException {
    try (DataInputStream in = new DataInputStream(new BufferedInputStream(run.output(), 1 << 16))) {
      AuStream stream = header(in, container);
      float[] samples = stream == null ? new float[0] : samples(in, stream);
      if (!run.finish()) {
        throw new UnreadableAudioException(
            container.title() + " cannot be decoded: " + run.complaint());
      }
      if (samples.length == 0) {
        throw new UnreadableAudioException(container.title() + " holds no samples");
      }
      return new AudioClip(samples, stream.rate());
    }
  }

  /** Rate in Hz and number of channels; null when ffmpeg wrote nothing. */
  private AuStream header(DataInputStream in, Container container) throws IOException {
    byte[] bytes = in.readNBytes(AU_HEADER);
    if (bytes.length < AU_HEADER) {
      return null;
    }
    ByteBuffer header = ByteBuffer.wrap(bytes);
    int magic = header.getInt();
    int dataAt = header.getInt();
    header.getInt();
    int encoding = header.getInt();
    long rate = Integer.toUnsignedLong(header.getInt());
    int channels = header.getInt();
    if (magic != AU_MAGIC || encoding != AU_FLOAT || dataAt < AU_HEADER || dataAt > 1 << 16) {
      throw new AudioToolException("ffmpeg answered with something other than floats in AU");
    }
    if (channels < 1 || channels > MOST_CHANNELS) {
      throw new UnreadableAudioException(
          "%s channels is %d, must be 1 to %d"
              .formatted(container.title(), channels, MOST_CHANNELS));
    }
    in.skipNBytes(dataAt - AU_HEADER);
    return new AuStream(Clips.checkRate(container.title(), rate), channels);
  }

  private record AuStream(int rate, int channels) {}

  private float[] samples(DataInputStream in, AuStream stream) throws IOException {
    long most = Clips.mostFrames(stream.rate(), limits.maxDuration());
    float[] samples = new float[stream.rate()];
    int count = 0;
    byte[] frame = new byte[stream.channels() * Float.BYTES];
    while (in.readNBytes(frame, 0, frame.length) == frame.length) {
      if (count == most) {
        throw new UnreadableAudioException(
            "duration is more than " + limits.maxDuration() + ", the longest allowed");
      }
      if (count == samples.length) {
        samples = Arrays.copyOf(samples, (int) Math.min(most, count * 2L));
      }
      samples[count++] = mean(ByteBuffer.wrap(frame), stream.channels());
    }
    return Arrays.copyOf(samples, count);
  }

  private static float mean(ByteBuffer frame, int channels) {
    double sum = 0;
    for (int channel = 0; channel < channels; channel++) {
      sum += frame.getFloat();
    }
    return (float) (sum / channels);
  }
}
