package dev.utter.speech.audio.ffmpeg;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.Optional;

/**
 * A file for one run of ffmpeg, readable by its owner only. Where there is a {@code /proc}, its
 * name is removed before it gets its content, so that no recording stays behind if this process is
 * killed. Elsewhere its name is removed once the program has it open.
 *
 * @param path where a process of this machine finds it
 * @param channel keeps the content after the name is gone
 */
public record TemporaryFile(Path path, FileChannel channel) implements AutoCloseable {
  static final String PREFIX = "utter-audio-";
  private static final Path DESCRIPTORS = Path.of("/proc/self/fd");

  /** Creates an empty file. */
  public static TemporaryFile create() throws IOException {
    Path name = Files.createTempFile(PREFIX, "").toRealPath();
    try {
      FileChannel channel =
          FileChannel.open(name, StandardOpenOption.READ, StandardOpenOption.WRITE);
      Optional<Path> descriptor = descriptor(name);
      if (descriptor.isPresent()) {
        Files.delete(name);
      }
      return new TemporaryFile(descriptor.orElse(name), channel);
    } catch (IOException e) {
      Files.deleteIfExists(name);
      throw e;
    }
  }

  /** This process' descriptor of an open file, as a path that needs no name of the file. */
  private static Optional<Path> descriptor(Path name) throws IOException {
    if (!Files.isDirectory(DESCRIPTORS)) {
      return Optional.empty();
    }
    try (DirectoryStream<Path> descriptors = Files.newDirectoryStream(DESCRIPTORS)) {
      for (Path descriptor : descriptors) {
        if (leadsTo(descriptor, name)) {
          return Optional.of(descriptor);
        }
      }
    }
    return Optional.empty();
  }

  private static boolean leadsTo(Path descriptor, Path name) throws IOException {
    try {
      return Files.readSymbolicLink(descriptor).equals(name);
    } catch (NoSuchFileException e) {
      // Closed meanwhile, by another thread.
      return false;
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

  /** Removes the name of a file that still has it. */
  void removeName() throws IOException {
    if (!path.startsWith("/proc")) {
      Files.deleteIfExists(path);
    }
  }

  @Override
  public void close() throws IOException {
    removeName();
    channel.close();
  }
}
