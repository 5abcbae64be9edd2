package dev.utter.speech.csm.prepared;

import java.nio.ByteBuffer;
import java.nio.channels.WritableByteChannel;
import java.util.ArrayList;
import java.util.List;
import java.util.zip.CRC32C;

/** CRC-32C of the bytes written, one for each chunk, so that several threads can check a file. */
final class ChunkChecksums implements WritableByteChannel {

  static final int CHUNK_BYTES = 1 << 26;

  private final List<String> complete = new ArrayList<>();
  private final CRC32C chunk = new CRC32C();
  private int inChunk;

  /** The checksum of one chunk. */
  static String of(ByteBuffer bytes) {
    CRC32C checksum = new CRC32C();
    checksum.update(bytes);
    return text(checksum);
  }

  /** The number of chunks of this many bytes. */
  static int count(long bytes) {
    return Math.toIntExact((bytes + CHUNK_BYTES - 1) / CHUNK_BYTES);
  }

  private static String text(CRC32C checksum) {
    return "%08x".formatted(checksum.getValue());
  }

  @Override
  public int write(ByteBuffer source) {
    int written = source.remaining();
    while (source.hasRemaining()) {
      int part = Math.min(source.remaining(), CHUNK_BYTES - inChunk);
      int end = source.limit();
      chunk.update(source.limit(source.position() + part));
      source.limit(end);
      inChunk += part;
      if (inChunk == CHUNK_BYTES) {
        endChunk();
      }
    }
    return written;
  }

  private void endChunk() {
    complete.add(text(chunk));
    chunk.reset();
    inChunk = 0;
  }

  /** The checksums of all chunks; nothing can be written afterwards. */
  List<String> all() {
    if (inChunk > 0) {
      endChunk();
    }
    return List.copyOf(complete);
  }

  @Override
  public boolean isOpen() {
    return true;
  }

  @Override
  public void close() {}
}
