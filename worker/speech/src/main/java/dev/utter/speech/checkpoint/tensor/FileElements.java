package dev.utter.speech.checkpoint.tensor;

import dev.utter.speech.failure.CheckpointException;
import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.channels.FileChannel.MapMode;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/**
 * Elements that lie in a file as they are.
 *
 * @param file the file
 * @param tensor the tensor's name, for error messages
 * @param position where in the file they begin
 * @param bytes size of all of them
 */
record FileElements(Path file, String tensor, long position, long bytes) implements TensorElements {

  @Override
  public ByteBuffer open() {
    if (bytes > Integer.MAX_VALUE) {
      throw wrong("a tensor of at most " + Integer.MAX_VALUE + " bytes", bytes + " bytes");
    }
    if (bytes == 0) {
      return ByteBuffer.allocateDirect(0);
    }
    try (FileChannel channel = FileChannel.open(file, StandardOpenOption.READ)) {
      requireWhole(channel);
      return channel.map(MapMode.READ_ONLY, position, bytes).order(ByteOrder.LITTLE_ENDIAN);
    } catch (IOException e) {
      throw unreadable(e);
    }
  }

  @Override
  public void read(long from, ByteBuffer target) {
    try (FileChannel channel = FileChannel.open(file, StandardOpenOption.READ)) {
      requireWhole(channel);
      long at = position + from;
      while (target.hasRemaining()) {
        int read = channel.read(target, at);
        if (read < 0) {
          throw new EOFException("file ended at byte " + at);
        }
        at += read;
      }
    } catch (IOException e) {
      throw unreadable(e);
    }
  }

  @Override
  public boolean readsParts() {
    return true;
  }

  @Override
  public TensorElements part(long from, long partBytes) {
    return new FileElements(file, tensor, position + from, partBytes);
  }

  /** Refuses a file that has shrunk. */
  void requireWhole() {
    try (FileChannel channel = FileChannel.open(file, StandardOpenOption.READ)) {
      requireWhole(channel);
    } catch (IOException e) {
      throw unreadable(e);
    }
  }

  /** Reading a mapped page past the end of a file kills the process. */
  private void requireWhole(FileChannel channel) throws IOException {
    if (channel.size() < position + bytes) {
      throw wrong("a file of at least " + (position + bytes) + " bytes", channel.size() + " bytes");
    }
  }

  private CheckpointException wrong(String expected, String found) {
    return CheckpointException.tensor(file, tensor, expected, found);
  }

  private CheckpointException unreadable(IOException e) {
    return new CheckpointException(
        file + ": tensor " + tensor + " cannot be read: " + e.getMessage(), e);
  }
}
