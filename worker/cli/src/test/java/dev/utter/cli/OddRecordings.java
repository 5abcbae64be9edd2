package dev.utter.cli;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;

/** Files at the limits of a valid recording, by the names of their objects. */
final class OddRecordings {
  private static final short PCM = 1;
  private static final short FLOAT = 3;
  private static final int MAX_OBJECT_BYTES = 50_000_000;
  private static final byte[] MP3_FRAME_HEADER = {(byte) 0xFF, (byte) 0xFB, (byte) 0x90, 0x64};

  private OddRecordings() {}

  /**
   * All of them.
   *
   * @param mp3 a valid MP3 file
   */
  static Map<String, byte[]> all(byte[] mp3) {
    Map<String, byte[]> files = new LinkedHashMap<>();
    files.put("768-khz.wav", largest(768_000));
    files.put("192-khz.wav", largest(192_000));
    files.put("headers.mp3", headersBehind(mp3));
    files.put(
        "playlist.flac",
        "fLaC\0\0\0\42#EXTM3U\nfile:///etc/passwd\n".getBytes(StandardCharsets.US_ASCII));
    files.put("endless-fmt.wav", endlessFormatChunk());
    files.put("largest-floats.wav", largestFloats(24_000));
    files.put("largest-floats-44.wav", largestFloats(44_100));
    files.put("65535-channels.wav", manyChannels());
    files.put("empty.wav", new byte[0]);
    files.put("one-sample.wav", wave(PCM, 1, 24_000, 16, new byte[2]));
    files.put("three-minutes.wav", wave(PCM, 1, 24_000, 16, new byte[2 * 24 * 180_001]));
    return files;
  }

  /** A file of 8-bit samples with the size limit of an object. */
  private static byte[] largest(int rate) {
    byte[] samples = new byte[MAX_OBJECT_BYTES - 44];
    Arrays.fill(samples, (byte) 128);
    return wave(PCM, 1, rate, 8, samples);
  }

  /** One valid file, followed by headers of empty frames up to the size limit of an object. */
  private static byte[] headersBehind(byte[] mp3) {
    ByteBuffer file = ByteBuffer.allocate(MAX_OBJECT_BYTES).put(mp3);
    while (file.remaining() >= MP3_FRAME_HEADER.length) {
      file.put(MP3_FRAME_HEADER);
    }
    return file.array();
  }

  private static byte[] endlessFormatChunk() {
    byte[] file = wave(PCM, 1, 24_000, 16, new byte[48_000]);
    ByteBuffer.wrap(file).putInt(16, 0xFFFFFFFF);
    return file;
  }

  /** Two seconds in which the largest and the smallest 32-bit float alternate. */
  private static byte[] largestFloats(int rate) {
    ByteBuffer samples = little(4 * 2 * rate);
    for (int i = 0; i < 2 * rate; i++) {
      samples.putFloat(i % 2 == 0 ? Float.MAX_VALUE : -Float.MAX_VALUE);
    }
    return wave(FLOAT, 1, rate, 32, samples.array());
  }

  /**
   * 95 samples of 64 bits in each channel, with the largest number of channels that the header can
   * hold.
   */
  private static byte[] manyChannels() {
    return wave(FLOAT, 65_535, 24_000, 64, new byte[95 * 65_535 * 8]);
  }

  private static byte[] wave(short format, int channels, int rate, int bits, byte[] samples) {
    int block = channels * bits / 8;
    ByteBuffer file = little(44 + samples.length);
    file.put(ascii("RIFF")).putInt(36 + samples.length).put(ascii("WAVE"));
    file.put(ascii("fmt ")).putInt(16).putShort(format).putShort((short) channels).putInt(rate);
    file.putInt(rate * block).putShort((short) block).putShort((short) bits);
    file.put(ascii("data")).putInt(samples.length).put(samples);
    return file.array();
  }

  private static ByteBuffer little(int size) {
    return ByteBuffer.allocate(size).order(ByteOrder.LITTLE_ENDIAN);
  }

  private static byte[] ascii(String text) {
    return text.getBytes(StandardCharsets.US_ASCII);
  }
}
