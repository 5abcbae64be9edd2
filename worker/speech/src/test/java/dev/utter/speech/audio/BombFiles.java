package dev.utter.speech.audio;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.Stream;
import java.util.zip.Deflater;
import java.util.zip.DeflaterOutputStream;

/**
 * Small files that claim much, and a program that decodes each file of a folder four times at once
 * and prints what came of it.
 */
final class BombFiles {
  private static final int AT_ONCE = 4;

  private BombFiles() {}

  static void write(Path folder) throws IOException {
    Files.write(folder.resolve("1.flac"), FlacBomb.of(768_000, 179));
    Files.write(folder.resolve("2.flac"), FlacBomb.of(192_000, 179));
    Files.write(folder.resolve("3.opus"), opusOf255Channels(1500));
    Files.write(folder.resolve("4.mp3"), mp3WithLargeTag());
    Files.write(
        folder.resolve("5.wav"),
        new WaveFile().chunkBefore("LIST", new byte[49_000_000]).data(new byte[240_000]).bytes());
    Files.write(folder.resolve("6.wav"), SampleFiles.wav());
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
  private static byte[] mp3WithLargeTag() throws IOException {
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
    return SampleFiles.joined(
        SampleFiles.id3(frame.array()), SampleFiles.encoded("mp3", "-c:a libmp3lame"));
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

  public static void main(String... arguments) throws Exception {
    AudioDecoder decoder = new AudioDecoder(AudioLimits.DEFAULT);
    ExecutorService threads = Executors.newFixedThreadPool(AT_ONCE);
    List<Path> files;
    try (Stream<Path> found = Files.list(Path.of(arguments[0]))) {
      files = found.sorted().toList();
    }
    for (Path file : files) {
      List<Callable<String>> decodes = new ArrayList<>();
      for (int i = 0; i < AT_ONCE; i++) {
        decodes.add(() -> decode(decoder, file));
      }
      for (Future<String> result : threads.invokeAll(decodes)) {
        System.out.println(file.getFileName() + ": " + result.get());
      }
    }
    threads.shutdown();
    Path status = Path.of("/proc/self/status");
    if (Files.exists(status)) {
      Files.readAllLines(status).stream()
          .filter(line -> line.startsWith("VmHWM"))
          .forEach(System.out::println);
    }
  }

  private static String decode(AudioDecoder decoder, Path file) {
    try {
      return decoder.decode(Files.readAllBytes(file), DecodeOptions.atRate(24_000)).clip()
          + " decoded";
    } catch (UnreadableAudioException e) {
      return e.getMessage();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
