package dev.utter.speech.watermark.network;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import dev.utter.speech.failure.CheckpointException;
import java.io.IOException;
import java.nio.file.Path;

/**
 * The numbers of a network's {@code hparams.yaml} that cannot be derived from its tensors.
 *
 * @param sampleRate rate the network works at, in Hz ({@code SR})
 * @param fftSize samples per transform ({@code N_FFT})
 * @param hop samples from one transform to the next ({@code HOP_LENGTH})
 * @param band how many of the lowest frequencies carry the mark ({@code message_band_size})
 * @param symbols how many different symbols there are, the terminator included ({@code
 *     message_dim})
 * @param messageLength symbols per message, the terminator included ({@code message_len})
 * @param strengthDecibels ratio of clip to mark it was trained for, in dB ({@code message_sdr})
 */
public record HyperParameters(
    int sampleRate,
    int fftSize,
    int hop,
    int band,
    int symbols,
    int messageLength,
    double strengthDecibels) {

  /** Bytes of a message. */
  public static final int MESSAGE_BYTES = 5;

  /** The bytes in symbols of two bits, and the terminator. */
  private static final int MESSAGE_LENGTH = MESSAGE_BYTES * 4 + 1;

  private static final int SYMBOLS = 5;

  /**
   * Reads a file.
   *
   * @throws CheckpointException if it is missing, damaged or of a network of another kind
   */
  public static HyperParameters read(Path file) {
    JsonNode yaml;
    try {
      yaml = new YAMLMapper().readTree(file.toFile());
    } catch (IOException e) {
      throw new CheckpointException(file + ": cannot be read: " + e.getMessage(), e);
    }
    require(file, yaml, "n_messages", "1");
    require(file, yaml, "message_dim", Integer.toString(SYMBOLS));
    require(file, yaml, "message_len", Integer.toString(MESSAGE_LENGTH));
    require(file, yaml, "utterance_level_normalization", "true");
    require(file, yaml, "frame_level_normalization", "false");
    require(file, yaml, "no_normalization", "false");
    require(file, yaml, "ensure_negative_message", "true");
    require(file, yaml, "ensure_constrained_message", "false");
    int fftSize = integer(file, yaml, "N_FFT", 16, 1 << 16);
    return new HyperParameters(
        integer(file, yaml, "SR", 8_000, 192_000),
        fftSize,
        integer(file, yaml, "HOP_LENGTH", 1, fftSize / 2),
        integer(file, yaml, "message_band_size", 1, fftSize / 2 + 1),
        SYMBOLS,
        MESSAGE_LENGTH,
        integer(file, yaml, "message_sdr", 0, 100));
  }

  private static void require(Path file, JsonNode yaml, String field, String expected) {
    String found = yaml.path(field).asText("nothing");
    if (!found.equals(expected)) {
      throw new CheckpointException(
          "%s: %s: expected %s, found %s".formatted(file, field, expected, found));
    }
  }

  private static int integer(Path file, JsonNode yaml, String field, int min, int max) {
    JsonNode node = yaml.path(field);
    if (!node.isInt() || node.intValue() < min || node.intValue() > max) {
      throw new CheckpointException(
          "%s: %s: expected an integer of %d to %d, found %s"
              .formatted(file, field, min, max, node.asText("nothing")));
    }
    return node.intValue();
  }

  /** Number of transforms of a clip, by its samples at the network's rate. */
  public int frames(int samples) {
    return 1 + (samples / fftSize + 1) * fftSize / hop;
  }
}
