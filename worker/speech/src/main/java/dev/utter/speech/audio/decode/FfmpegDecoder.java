package dev.utter.speech.audio.decode;

import static java.util.Objects.requireNonNull;

import dev.utter.speech.audio.AudioLimits;
import dev.utter.speech.audio.Clips;
import dev.utter.speech.audio.ffmpeg.AudioToolException;
import dev.utter.speech.audio.ffmpeg.FfmpegRun;
import dev.utter.speech.audio.ffmpeg.ToolLimitException;
import dev.utter.speech.audio.file.Part;
import dev.utter.speech.audio.file.UnreadableAudioException;
import java.io.BufferedInputStream;
import java.io.DataInputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Decodes through ffmpeg. Where the container is known by its content, its demuxer is the only one
 * allowed; in any case only demuxers that read one file of audio and decoders of audio are. The
 * only protocol is the open file descriptor of the input, so a file cannot make ffmpeg open another
 * one. (A pipe is not enough, because ffmpeg has to seek in MP3 and MP4.) The sound comes back at
 * the file's own rate as a stream of Sun AU: a short header with rate and channels, then big-endian
 * floats.
 */
final class FfmpegDecoder {
  private static final int AU_MAGIC = 0x2E736E64;
  private static final int AU_FLOAT = 6;
  private static final int AU_HEADER = 24;

  /** Maximum size of one allocation of a decoder, in bytes. */
  private static final String MAX_ALLOCATION = Integer.toString(96 << 20);

  /** Channels times rate that a clip of the longest duration may have on average. */
  private static final long MAX_SAMPLES_PER_SECOND = 8L * Clips.HIGHEST_RATE;

  private static final String DEMUXERS =
      "aac,ac3,aiff,amr,amrnb,amrwb,ape,asf,au,avi,caf,dsf,dts,dtshd,eac3,flac,flv,gsm,ilbc,ircam,"
          + "loas,matroska,mov,mp3,mpc,mpc8,mpeg,mpegts,nistsphere,ogg,oma,paf,pvf,qcp,rm,sds,shn,"
          + "sox,spdif,tak,tta,voc,w64,wav,wsd,wv";

  private static final String DECODERS =
      "aac,aac_latm,ac3,adpcm_adx,adpcm_g722,g722,adpcm_g726,g726,adpcm_g726le,g726le,"
          + "adpcm_ima_qt,adpcm_ima_wav,adpcm_ms,adpcm_swf,adpcm_yamaha,alac,als,amrnb,amrwb,ape,"
          + "cook,dca,dsd_lsbf,dsd_lsbf_planar,dsd_msbf,dsd_msbf_planar,eac3,flac,g723_1,g729,gsm,"
          + "gsm_ms,ilbc,mace3,mace6,mlp,mp1,mp1float,mp2,mp2float,mp3,mp3float,mpc7,mpc8,"
          + "nellymoser,opus,pcm_alaw,pcm_f16le,pcm_f24le,pcm_f32be,pcm_f32le,pcm_f64be,pcm_f64le,"
          + "pcm_mulaw,pcm_s16be,pcm_s16be_planar,pcm_s16le,pcm_s16le_planar,pcm_s24be,pcm_s24le,"
          + "pcm_s24le_planar,pcm_s32be,pcm_s32le,pcm_s32le_planar,pcm_s64be,pcm_s64le,pcm_s8,"
          + "pcm_s8_planar,pcm_u16be,pcm_u16le,pcm_u24be,pcm_u24le,pcm_u32be,pcm_u32le,pcm_u8,"
          + "qcelp,shorten,sipr,speex,tak,truehd,truespeech,tta,vorbis,wavpack,wmalossless,wmapro,"
          + "wmav1,wmav2,wmavoice";

  private final AudioLimits limits;

  FfmpegDecoder(AudioLimits limits) {
    this.limits = limits;
  }

  /** Gives the builder for sound of a rate and a number of channels. */
  @FunctionalInterface
  interface Target {
    ClipBuilder open(String title, int rate, int channels);
  }

  /**
   * The result of one decode.
   *
   * @param frames sample frames given to the builder
   * @param complaint ffmpeg's message if it ended early or left something out; else empty
   */
  record Pass(long frames, Optional<String> complaint) {}

  /**
   * Decodes a part.
   *
   * @param strict whether to stop at the first damage
   * @throws UnreadableAudioException if a limit killed it twice, or the sound is beyond the limits
   * @throws AudioToolException if ffmpeg cannot be run
   */
  Pass decode(Part part, Target target, boolean strict) {
    FrameKeeper keeper = new FrameKeeper(target);
    try {
      return run(part, keeper, strict);
    } catch (ToolLimitException first) {
      keeper.begin();
      try {
        return run(part, keeper, strict);
      } catch (ToolLimitException second) {
        throw new UnreadableAudioException(
            part.container().title()
                + " cannot be decoded within the limits: "
                + second.getMessage());
      }
    }
  }

  /** Passes frames on. A second try skips the frames that the first one has passed on. */
  private static final class FrameKeeper {
    private final Target target;
    private @Nullable ClipBuilder builder;
    private long given;
    private long seen;

    FrameKeeper(Target target) {
      this.target = target;
    }

    void begin() {
      seen = 0;
    }

    void open(String title, int rate, int channels) {
      if (builder == null) {
        builder = target.open(title, rate, channels);
      }
    }

    void add(double[] frame) {
      if (seen++ == given) {
        requireNonNull(builder, "a frame came before its format").add(frame);
        given++;
      }
    }
  }

  private Pass run(Part part, FrameKeeper keeper, boolean strict) {
    try (FfmpegRun run =
        FfmpegRun.start(arguments(part, strict), input(part), limits.ofRun(), Optional.empty())) {
      try (DataInputStream in =
          new DataInputStream(new BufferedInputStream(run.output(), 1 << 16))) {
        String title = part.container().title();
        int channels = header(in, title, keeper);
        if (channels > 0) {
          frames(in, title, channels, keeper);
        }
      }
      return new Pass(keeper.given, run.finish());
    } catch (IOException e) {
      throw new AudioToolException("decoding " + part.container().title() + " failed", e);
    }
  }

  private static List<ByteBuffer> input(Part part) {
    return List.of(
        ByteBuffer.wrap(part.head()), ByteBuffer.wrap(part.file(), part.from(), part.length()));
  }

  private static List<String> arguments(Part part, boolean strict) {
    List<String> arguments = new ArrayList<>();
    if (strict) {
      arguments.addAll(List.of("-xerror", "-err_detect", "crccheck+explode"));
    }
    String demuxers = part.container().demuxers();
    arguments.addAll(List.of("-threads", "1", "-protocol_whitelist", "fd"));
    arguments.addAll(List.of("-max_alloc", MAX_ALLOCATION));
    arguments.addAll(List.of("-format_whitelist", demuxers.isEmpty() ? DEMUXERS : demuxers));
    arguments.addAll(List.of("-codec_whitelist", DECODERS));
    if (!demuxers.isEmpty() && !demuxers.contains(",")) {
      arguments.addAll(List.of("-f", demuxers));
    }
    arguments.addAll(List.of("-vn", "-sn", "-dn", "-i", "fd:"));
    arguments.addAll(List.of("-map", "0:a:0", "-map_metadata", "-1"));
    arguments.addAll(List.of("-c:a", "pcm_f32be", "-f", "au", "pipe:1"));
    return arguments;
  }

  /** Number of channels; 0 when ffmpeg wrote nothing. */
  private static int header(DataInputStream in, String title, FrameKeeper keeper)
      throws IOException {
    byte[] bytes = in.readNBytes(AU_HEADER);
    if (bytes.length < AU_HEADER) {
      return 0;
    }
    ByteBuffer header = ByteBuffer.wrap(bytes);
    int magic = header.getInt();
    int dataAt = header.getInt();
    header.getInt();
    int encoding = header.getInt();
    int rate = header.getInt();
    int channels = header.getInt();
    if (magic != AU_MAGIC || encoding != AU_FLOAT || dataAt < AU_HEADER || dataAt > 1 << 16) {
      throw new AudioToolException("ffmpeg answered with something other than floats in AU");
    }
    keeper.open(title, rate, channels);
    in.skipNBytes(dataAt - AU_HEADER);
    return channels;
  }

  private void frames(DataInputStream in, String title, int channels, FrameKeeper keeper)
      throws IOException {
    long left =
        Math.max(1, limits.maxDuration().toMillis()) * MAX_SAMPLES_PER_SECOND / 1000 + channels;
    byte[] bytes = new byte[channels * Float.BYTES];
    ByteBuffer floats = ByteBuffer.wrap(bytes);
    double[] frame = new double[channels];
    while (in.readNBytes(bytes, 0, bytes.length) == bytes.length) {
      left -= channels;
      if (left < 0) {
        throw new UnreadableAudioException(
            "%s has %d channels for too long: more than %d samples a second on average"
                .formatted(title, channels, MAX_SAMPLES_PER_SECOND));
      }
      floats.rewind();
      for (int channel = 0; channel < channels; channel++) {
        frame[channel] = floats.getFloat();
      }
      keeper.add(frame);
    }
  }
}
