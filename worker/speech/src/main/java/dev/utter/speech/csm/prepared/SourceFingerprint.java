package dev.utter.speech.csm.prepared;

import dev.utter.speech.digest.Sha256;
import dev.utter.speech.failure.CheckpointException;
import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.security.MessageDigest;
import java.util.HexFormat;
import java.util.concurrent.TimeUnit;

/**
 * Distinguishes a file from what it was before, without reading gigabytes. A small file is digested
 * whole. Of a large one size, time of modification, beginning and samples are compared.
 */
final class SourceFingerprint {

  /** The header of a checkpoint's file is within. */
  static final int BEGINNING_BYTES = 1 << 20;

  private static final int SAMPLES = 256;
  private static final int SAMPLE_BYTES = 1 << 12;

  private SourceFingerprint() {}

  /**
   * The fingerprint as text: size in bytes, for large files the second of the last modification,
   * SHA-256.
   *
   * @throws CheckpointException if the file cannot be read
   */
  static String of(Path file) {
    try (FileChannel channel = FileChannel.open(file, StandardOpenOption.READ)) {
      long size = channel.size();
      MessageDigest digest = Sha256.start();
      digest.update(read(channel, 0, Math.toIntExact(Math.min(size, BEGINNING_BYTES))));
      if (size <= BEGINNING_BYTES) {
        return size + " " + HexFormat.of().formatHex(digest.digest());
      }
      long last = Math.max(BEGINNING_BYTES, size - SAMPLE_BYTES);
      for (int i = 0; i < SAMPLES; i++) {
        long from = BEGINNING_BYTES + (last - BEGINNING_BYTES) / (SAMPLES - 1) * i;
        from = i == SAMPLES - 1 ? last : from;
        digest.update(read(channel, from, Math.toIntExact(Math.min(SAMPLE_BYTES, size - from))));
      }
      return "%d %d %s"
          .formatted(
              size,
              Files.getLastModifiedTime(file).to(TimeUnit.SECONDS),
              HexFormat.of().formatHex(digest.digest()));
    } catch (IOException e) {
      throw new CheckpointException(file + ": cannot be read: " + e.getMessage(), e);
    }
  }

  private static ByteBuffer read(FileChannel channel, long from, int bytes) throws IOException {
    ByteBuffer buffer = ByteBuffer.allocate(bytes);
    while (buffer.hasRemaining()) {
      if (channel.read(buffer, from + buffer.position()) < 0) {
        throw new EOFException("file ended at byte " + (from + buffer.position()));
      }
    }
    return buffer.flip();
  }
}
