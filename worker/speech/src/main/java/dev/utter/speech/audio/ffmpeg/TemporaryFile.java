package dev.utter.speech.audio.ffmpeg;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;

/**
 * A file for one run of ffmpeg, for its owner's eyes only. Its name is removed as soon as the
 * program has it open, so that nothing stays behind when this process is killed.
 *
 * @param path its name
 * @param channel keeps the content after the name is gone
 */
public record TemporaryFile(Path path, FileChannel channel) implements AutoCloseable {
  static final String PREFIX = "utter-audio-";

  public static TemporaryFile create() throws IOException {
    Path path = Files.createTempFile(PREFIX, "");
    try {
      return new TemporaryFile(
          path, FileChannel.open(path, StandardOpenOption.READ, StandardOpenOption.WRITE));
    } catch (IOException e) {
      Files.deleteIfExists(path);
      throw e;
    }
  }

  void write(List<ByteBuffer> content) throws IOException {
    for (ByteBuffer bytes : content) {
      while (bytes.hasRemaining()) {
        channel.write(bytes);
      }
    }
  }

  /** The content as it is now. */
  public byte[] read() throws IOException {
    ByteBuffer content = ByteBuffer.allocate(Math.toIntExact(channel.size()));
    while (content.hasRemaining() && channel.read(content, content.position()) >= 0) {
      continue;
    }
    return content.array();
  }

  void removeName() throws IOException {
    Files.deleteIfExists(path);
  }

  @Override
  public void close() throws IOException {
    removeName();
    channel.close();
  }
}
