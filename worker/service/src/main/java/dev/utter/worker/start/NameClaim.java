package dev.utter.worker.start;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static java.util.Objects.requireNonNull;

import dev.utter.worker.failure.RetryLaterException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import org.jspecify.annotations.Nullable;

/**
 * The claim of this process on a worker's name and its state, on this host: a lock on a file in the
 * state folder, which the system releases however the process ends.
 *
 * <p>Threading: one thread at a time.
 */
public final class NameClaim implements Runnable, AutoCloseable {
  private static final String FILE = ".worker";

  private final String worker;
  private final Path folder;
  private @Nullable FileChannel channel;

  /**
   * Nothing is claimed yet.
   *
   * @param worker the worker's name
   * @param folder its state folder; made if it is not there
   */
  public NameClaim(String worker, Path folder) {
    this.worker = requireNonNull(worker, "worker is null");
    this.folder = requireNonNull(folder, "folder is null");
  }

  /**
   * Claims the name.
   *
   * @throws RetryLaterException if another process has it, or the folder cannot be written
   */
  @Override
  public void run() {
    Path file = folder.resolve(FILE);
    try {
      Files.createDirectories(folder);
      FileChannel opened =
          FileChannel.open(
              file, StandardOpenOption.CREATE, StandardOpenOption.READ, StandardOpenOption.WRITE);
      if (!isLocked(opened)) {
        opened.close();
        throw new RetryLaterException(
            "worker.name is \""
                + worker
                + "\", which is also the name of "
                + owner(file)
                + ", which runs and has the lock on "
                + file
                + "; give each worker a unique name",
            null);
      }
      channel = opened;
      opened.truncate(0);
      opened.write(
          ByteBuffer.wrap(Long.toString(ProcessHandle.current().pid()).getBytes(US_ASCII)));
    } catch (IOException e) {
      throw new RetryLaterException(
          "kafka.stateFolder cannot be used: " + file + " cannot be written: " + e, e);
    }
  }

  /** Releases the name. */
  @Override
  public void close() throws IOException {
    if (channel != null) {
      channel.close();
    }
  }

  private static boolean isLocked(FileChannel opened) throws IOException {
    try {
      FileLock lock = opened.tryLock();
      return lock != null;
    } catch (OverlappingFileLockException e) {
      // Another worker of this process has the lock.
      return false;
    }
  }

  private static String owner(Path file) throws IOException {
    String pid = Files.readString(file, US_ASCII).strip();
    return pid.isEmpty() ? "another process" : "process " + pid;
  }
}
