package dev.utter.speech.audio.decode;

import dev.utter.speech.audio.file.Part;
import dev.utter.speech.audio.file.WaveFormat;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/** Reads the samples of WAV files that are plain numbers. */
final class WaveReader {
  private final ByteBuffer data;
  private final WaveFormat format;

  private WaveReader(Part part, WaveFormat format) {
    this.format = format;
    data = ByteBuffer.wrap(part.file(), part.from(), part.length()).order(format.order());
  }

  /** Gives all sample frames of a part to a builder of its rate and channels. */
  static void read(Part part, WaveFormat format, ClipBuilder builder) {
    new WaveReader(part, format).read(builder);
  }

  private void read(ClipBuilder builder) {
    double[] frame = new double[format.channels()];
    while (data.remaining() >= format.frameBytes()) {
      for (int channel = 0; channel < frame.length; channel++) {
        frame[channel] = sample();
      }
      builder.add(frame);
    }
  }

  private double sample() {
    return switch (format.encoding()) {
      case INTEGER -> integer();
      case FLOAT -> format.bytes() == 4 ? data.getFloat() : data.getDouble();
      case MU_LAW -> muLaw(~data.get()) / 32768.0;
      case A_LAW -> aLaw(data.get() ^ 0x55) / 32768.0;
    };
  }

  private double integer() {
    return switch (format.bytes()) {
      case 1 -> ((data.get() & 0xFF) - 128) / 128.0;
      case 2 -> data.getShort() / 32768.0;
      case 3 -> threeBytes() / 8388608.0;
      default -> data.getInt() / 2147483648.0;
    };
  }

  private int threeBytes() {
    int first = data.get();
    int second = data.get();
    int third = data.get();
    return format.order() == ByteOrder.LITTLE_ENDIAN
        ? third << 16 | (second & 0xFF) << 8 | first & 0xFF
        : first << 16 | (second & 0xFF) << 8 | third & 0xFF;
  }

  /** ITU-T G.711, as a 16-bit number. */
  private static int muLaw(int code) {
    int size = ((code & 0x0F) << 3) + 0x84 << (code >> 4 & 7);
    return (code & 0x80) == 0 ? size - 0x84 : 0x84 - size;
  }

  /** ITU-T G.711, as a 16-bit number. */
  private static int aLaw(int code) {
    int exponent = code >> 4 & 7;
    int mantissa = (code & 0x0F) << 4;
    int size = exponent == 0 ? mantissa + 8 : mantissa + 0x108 << exponent - 1;
    return (code & 0x80) != 0 ? size : -size;
  }
}
