package dev.utter.speech.cache;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.locks.ReentrantLock;

/**
 * Keeps two downloads of Utter from fetching one file at the same time. A lock of the file system
 * excludes other processes, a Java lock other threads.
 *
 * <p>It saves work and guards the partial file. The cache stays correct without it, on file systems
 * that do not lock and beside programs that lock in another way.
 */
public final class FetchLock {

  private static final Map<Path, ReentrantLock> OF_THIS_PROCESS = new ConcurrentHashMap<>();

  private final ReentrantLock ofThisProcess;
  private final FileChannel channel;
  private final FileLock lock;

  private FetchLock(ReentrantLock ofThisProcess, FileChannel channel, FileLock lock) {
    this.ofThisProcess = ofThisProcess;
    this.channel = channel;
    this.lock = lock;
  }

  /**
   * Waits for the lock.
   *
   * @param file is created if it is not there, and stays
   * @param waits is run once if another download has the lock
   */
  public static FetchLock take(Path file, Runnable waits) throws IOException {
    Files.createDirectories(file.getParent());
    ReentrantLock own =
        OF_THIS_PROCESS.computeIfAbsent(
            file.toAbsolutePath().normalize(), path -> new ReentrantLock());
    boolean waited = !own.tryLock();
    if (waited) {
      waits.run();
      own.lock();
    }
    FileChannel channel = null;
    try {
      channel = FileChannel.open(file, StandardOpenOption.CREATE, StandardOpenOption.WRITE);
      FileLock lock = channel.tryLock();
      if (lock == null) {
        if (!waited) {
          waits.run();
        }
        lock = channel.lock();
      }
      return new FetchLock(own, channel, lock);
    } catch (IOException | RuntimeException e) {
      if (channel != null) {
        channel.close();
      }
      own.unlock();
      throw e;
    }
  }

  /** Lets the next download go on. */
  public void release() throws IOException {
    try {
      lock.release();
      channel.close();
    } finally {
      ofThisProcess.unlock();
    }
  }
}
