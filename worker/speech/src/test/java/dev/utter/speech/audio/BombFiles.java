package dev.utter.speech.audio;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.zip.Deflater;
import java.util.zip.DeflaterOutputStream;

/**
 * Small files that claim much. It uses nothing but the JDK, so that tests of other modules can run
 * this source file as a program.
 */
final class BombFiles {
  private static final int FLAC_BLOCK = 65_535;

  private BombFiles() {}

  /** Arguments: the folder to write to, and a sound MP3 file. */
  public static void main(String... arguments) throws IOException {
    write(Path.of(arguments[0]), Files.readAllBytes(Path.of(arguments[1])));
  }

  static void write(Path folder, byte[] mp3) throws IOException {
    Files.write(folder.resolve("1.flac"), flac(768_000, 179));
    Files.write(folder.resolve("2.flac"), flac(192_000, 179));
    Files.write(folder.resolve("3.opus"), opusOf255Channels(1500));
    Files.write(folder.resolve("4.mp3"), mp3WithLargeTag(mp3));
    Files.write(folder.resolve("5.wav"), wavWithLargeList());
    Files.write(folder.resolve("6.flac"), flac(655_350, 170, 8));
    Files.write(folder.resolve("7.flac"), flac(192_000, 179, 8));
  }

  /** 16 bits and a constant value: every mono frame of 65,535 samples has about 14 bytes. */
  static byte[] flac(int rate, int seconds) {
    return flac(rate, seconds, 1);
  }

  private static byte[] flac(int rate, int seconds, int channels) {
    int frames = (int) ((long) rate * seconds / FLAC_BLOCK);
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    out.writeBytes(ascii("fLaC"));
    out.writeBytes(new byte[] {(byte) 0x80, 0, 0, 34});
    out.writeBytes(
        ByteBuffer.allocate(34)
            .putShort((short) FLAC_BLOCK)
            .putShort((short) FLAC_BLOCK)
            .put(new byte[6])
            .putLong(
                (long) rate << 44 | channels - 1L << 41 | 15L << 36 | (long) frames * FLAC_BLOCK)
            .array());
    for (int number = 0; number < frames; number++) {
      out.writeBytes(flacFrame(number, channels));
    }
    return out.toByteArray();
  }

  private static byte[] flacFrame(int number, int channels) {
    ByteArrayOutputStream frame = new ByteArrayOutputStream();
    frame.writeBytes(new byte[] {(byte) 0xFF, (byte) 0xF8, 0x70, (byte) (channels - 1 << 4 | 8)});
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
    frame.write(FLAC_BLOCK - 1 >> 8);
    frame.write(FLAC_BLOCK - 1);
    frame.write(crc(frame.toByteArray(), 8, 0x07));
    for (int channel = 0; channel < channels; channel++) {
      frame.writeBytes(new byte[] {0, 1000 >> 8, (byte) 1000});
    }
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

  /** Packets of 60 ms that are silent in all of 255 channels. */
  private static byte[] opusOf255Channels(int packets) {
    ByteArrayOutputStream file = new ByteArrayOutputStream();
    ByteBuffer head = little(21 + 255);
    head.put(ascii("OpusHead")).put((byte) 1).put((byte) 255).putShort((short) 312);
    head.putInt(48_000).putShort((short) 0).put((byte) 255).put((byte) 255).put((byte) 0);
    for (int channel = 0; channel < 255; channel++) {
      head.put((byte) channel);
    }
    file.writeBytes(page(2, 0, 0, head.array()));
    file.writeBytes(page(0, 0, 1, little(16).put(ascii("OpusTags")).array()));
    ByteArrayOutputStream packet = new ByteArrayOutputStream();
    for (int stream = 0; stream < 254; stream++) {
      packet.write(0x18);
      packet.write(0);
    }
    packet.write(0x18);
    for (int i = 0; i < packets; i++) {
      int flags = i == packets - 1 ? 4 : 0;
      file.writeBytes(page(flags, (i + 1) * 2880L, i + 2, packet.toByteArray()));
    }
    return file.toByteArray();
  }

  private static byte[] page(int flags, long granule, int number, byte[] packet) {
    int segments = packet.length / 255 + 1;
    ByteBuffer page = little(27 + segments + packet.length);
    page.put(ascii("OggS")).put((byte) 0).put((byte) flags).putLong(granule).putInt(7);
    page.putInt(number).putInt(0).put((byte) segments);
    for (int i = 0; i < segments - 1; i++) {
      page.put((byte) 255);
    }
    page.put((byte) (packet.length % 255)).put(packet);
    int crc = 0;
    for (byte value : page.array()) {
      crc ^= value << 24;
      for (int bit = 0; bit < 8; bit++) {
        crc = crc << 1 ^ (crc < 0 ? 0x04C11DB7 : 0);
      }
    }
    return page.putInt(22, crc).array();
  }

  /** An ID3 frame of 300 MB, compressed, in front of a sound MP3. */
  private static byte[] mp3WithLargeTag(byte[] mp3) throws IOException {
    ByteArrayOutputStream deflated = new ByteArrayOutputStream();
    try (DeflaterOutputStream out =
        new DeflaterOutputStream(deflated, new Deflater(Deflater.BEST_SPEED))) {
      byte[] block = new byte[1 << 20];
      for (int i = 0; i < 300; i++) {
        out.write(block);
      }
    }
    ByteBuffer frame = ByteBuffer.allocate(14 + deflated.size());
    int size = deflated.size() + 4;
    frame.put(ascii("TXXX")).put(syncSafe(size)).putShort((short) 9).putInt(300 << 20);
    frame.put(deflated.toByteArray());
    ByteArrayOutputStream file = new ByteArrayOutputStream();
    file.writeBytes(new byte[] {'I', 'D', '3', 4, 0, 0});
    file.writeBytes(syncSafe(frame.capacity()));
    file.writeBytes(frame.array());
    file.writeBytes(mp3);
    return file.toByteArray();
  }

  /** 49 MB that say nothing, in front of 5 s of silence. */
  private static byte[] wavWithLargeList() {
    int list = 49_000_000;
    int data = 240_000;
    ByteBuffer wav = little(12 + 8 + list + 24 + 8 + data);
    wav.put(ascii("RIFF")).putInt(wav.capacity() - 8).put(ascii("WAVE"));
    wav.put(ascii("LIST")).putInt(list).position(wav.position() + list);
    wav.put(ascii("fmt ")).putInt(16).putShort((short) 1).putShort((short) 1).putInt(24_000);
    wav.putInt(48_000).putShort((short) 2).putShort((short) 16);
    wav.put(ascii("data")).putInt(data);
    return wav.array();
  }

  private static byte[] syncSafe(int value) {
    return new byte[] {
      (byte) (value >> 21 & 127),
      (byte) (value >> 14 & 127),
      (byte) (value >> 7 & 127),
      (byte) (value & 127)
    };
  }

  private static ByteBuffer little(int size) {
    return ByteBuffer.allocate(size).order(ByteOrder.LITTLE_ENDIAN);
  }

  private static byte[] ascii(String text) {
    return text.getBytes(StandardCharsets.US_ASCII);
  }
}
