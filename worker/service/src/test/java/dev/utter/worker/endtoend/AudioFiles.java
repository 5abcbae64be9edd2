package dev.utter.worker.endtoend;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;

/** Audio files as callers may hand them in, well-formed and not. */
final class AudioFiles {
  private static final short PCM = 1;
  private static final short FLOAT = 3;

  private AudioFiles() {}

  /** A recording of the fixture. */
  static byte[] utterance() {
    try {
      return Files.readAllBytes(
          Path.of(System.getProperty("utter.home"))
              .resolve("worker/speech/src/test/fixtures/csm-tiny/audio/utterance_0.wav"));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  static byte[] stereoAt96Kilohertz() {
    int frames = 96_000;
    ByteBuffer samples = buffer(frames * 4);
    for (int i = 0; i < frames; i++) {
      short left = (short) (8_000 * Math.sin(2 * Math.PI * 220 * i / 96_000));
      samples.putShort(left).putShort((short) (-left / 2));
    }
    return wav(PCM, 2, 96_000, 16, samples.array(), samples.capacity());
  }

  /** A tone of one second whose right channel is the left one, inverted and a little quieter. */
  static byte[] channelsThatCancel() {
    int frames = 24_000;
    ByteBuffer samples = buffer(frames * 4);
    for (int i = 0; i < frames; i++) {
      short left = (short) (8_000 * Math.sin(2 * Math.PI * 220 * i / 24_000));
      samples.putShort(left).putShort((short) (-left * 63 / 64));
    }
    return wav(PCM, 2, 24_000, 16, samples.array(), samples.capacity());
  }

  /** The first half second of the recording of the fixture, under its whole header. */
  static byte[] cut() {
    return Arrays.copyOf(utterance(), 44 + 24_000);
  }

  static byte[] oneSample() {
    return wav(PCM, 1, 24_000, 16, new byte[] {0, 16}, 2);
  }

  static byte[] notANumber() {
    ByteBuffer samples = buffer(24_000 * 4);
    while (samples.hasRemaining()) {
      samples.putFloat(Float.NaN);
    }
    return wav(FLOAT, 1, 24_000, 32, samples.array(), samples.capacity());
  }

  /** Two seconds of data under the header of a stream whose length was not known. */
  static byte[] streamed() {
    return wav(PCM, 1, 24_000, 16, new byte[96_000], -16);
  }

  /** Two seconds of data under a header that claims a gigabyte. */
  static byte[] claimsOneGigabyte() {
    return wav(PCM, 1, 24_000, 16, new byte[96_000], 1 << 30);
  }

  private static byte[] wav(
      short format, int channels, int rate, int bits, byte[] data, int claimedBytes) {
    int frameBytes = channels * bits / 8;
    return buffer(44 + data.length)
        .put(ascii("RIFF"))
        .putInt(claimedBytes < 0 ? claimedBytes : 36 + claimedBytes)
        .put(ascii("WAVEfmt "))
        .putInt(16)
        .putShort(format)
        .putShort((short) channels)
        .putInt(rate)
        .putInt(rate * frameBytes)
        .putShort((short) frameBytes)
        .putShort((short) bits)
        .put(ascii("data"))
        .putInt(claimedBytes)
        .put(data)
        .array();
  }

  private static ByteBuffer buffer(int bytes) {
    return ByteBuffer.allocate(bytes).order(ByteOrder.LITTLE_ENDIAN);
  }

  private static byte[] ascii(String text) {
    return text.getBytes(StandardCharsets.US_ASCII);
  }
}
