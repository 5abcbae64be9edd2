package dev.utter.speech.watermark;

import static java.util.Objects.requireNonNull;

import dev.utter.speech.audio.AudioClip;
import dev.utter.speech.audio.FileFormat;
import dev.utter.speech.audio.decode.AudioDecoder;
import dev.utter.speech.audio.encode.AudioEncoder;
import dev.utter.speech.watermark.network.PassPriority;

/**
 * The only way from samples to a file: marks a clip, encodes it, decodes the resulting bytes again
 * and looks for the mark in them.
 *
 * <p>Threading: safe for several threads, as its parts are; they stay the caller's to close.
 */
public final class MarkedEncoder {
  private final AudioWatermark watermark;
  private final AudioEncoder encoder;
  private final AudioDecoder decoder;

  public MarkedEncoder(AudioWatermark watermark, AudioEncoder encoder, AudioDecoder decoder) {
    this.watermark = requireNonNull(watermark, "watermark is null");
    this.encoder = requireNonNull(encoder, "encoder is null");
    this.decoder = requireNonNull(decoder, "decoder is null");
  }

  /**
   * Returns a marked file and the detection in it. The caller may pass the file on only if the
   * detection matches.
   *
   * @param priority of the passes through the networks
   * @throws dev.utter.speech.audio.ffmpeg.AudioToolException if ffmpeg could not do its work
   */
  public MarkedFile encode(
      AudioClip clip, WatermarkKey key, FileFormat format, PassPriority priority) {
    AudioWatermark marks = watermark.at(priority);
    byte[] bytes = encoder.encode(marks.embed(clip, key), format);
    AudioClip decoded = decoder.decode(bytes);
    return new MarkedFile(bytes, decoded.sampleRate(), marks.detect(decoded, key));
  }

  /**
   * An encoded clip.
   *
   * @param bytes the file; not copied
   * @param sampleRate its rate in Hz, which is the nearest to the clip's that the format knows
   * @param detection the result of the detection in the bytes
   */
  public record MarkedFile(byte[] bytes, int sampleRate, Detection detection) {}
}
