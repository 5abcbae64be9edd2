package dev.utter.speech.audio;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;

/** Small FLAC files of long sound: every frame is one value, in about 14 bytes. */
final class FlacBomb {
  private static final int BLOCK = 65_535;

  private FlacBomb() {}

  /** Mono of 16 bits and a constant value. */
  static byte[] of(int rate, int seconds) {
    int frames = (int) ((long) rate * seconds / BLOCK);
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    out.writeBytes("fLaC".getBytes(StandardCharsets.US_ASCII));
    out.writeBytes(new byte[] {(byte) 0x80, 0, 0, 34});
    out.writeBytes(
        ByteBuffer.allocate(34)
            .putShort((short) BLOCK)
            .putShort((short) BLOCK)
            .put(new byte[6])
            .putLong((long) rate << 44 | 15L << 36 | (long) frames * BLOCK)
            .array());
    for (int number = 0; number < frames; number++) {
      out.writeBytes(frame(number));
    }
    return out.toByteArray();
  }

  private static byte[] frame(int number) {
    ByteArrayOutputStream frame = new ByteArrayOutputStream();
    frame.writeBytes(new byte[] {(byte) 0xFF, (byte) 0xF8, 0x70, 0x08});
    if (number < 0x80) {
      frame.write(number);
    } else if (number < 0x800) {
      frame.write(0xC0 | number >> 6);
      frame.write(0x80 | number & 63);
    } else {
      frame.write(0xE0 | number >> 12);
      frame.write(0x80 | number >> 6 & 63);
      frame.write(0x80 | number & 63);
    }
    frame.write(BLOCK - 1 >> 8);
    frame.write(BLOCK - 1);
    frame.write(crc(frame.toByteArray(), 8, 0x07));
    frame.writeBytes(new byte[] {0, 1000 >> 8, (byte) 1000});
    int check = crc(frame.toByteArray(), 16, 0x8005);
    frame.write(check >> 8);
    frame.write(check);
    return frame.toByteArray();
  }

  private static int crc(byte[] data, int width, int polynomial) {
    int crc = 0;
    for (byte value : data) {
      crc ^= (value & 0xFF) << width - 8;
      for (int bit = 0; bit < 8; bit++) {
        crc = crc << 1 ^ ((crc >> width - 1 & 1) == 0 ? 0 : polynomial);
      }
      crc &= (1 << width) - 1;
    }
    return crc;
  }
}
