package dev.utter.speech.cache;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** Free space of a disk. */
public final class DiskSpace {

  private DiskSpace() {}

  /**
   * Bytes that can still be written where a folder is or will be.
   *
   * @throws UncheckedIOException if that is unknown
   */
  public static long usableBytes(Path folder) {
    Path existing = folder.toAbsolutePath().normalize();
    while (existing.getParent() != null && !Files.exists(existing)) {
      existing = existing.getParent();
    }
    try {
      return Files.getFileStore(existing).getUsableSpace();
    } catch (IOException e) {
      throw new UncheckedIOException(
          new IOException("the free space of " + existing + " is unknown: " + e, e));
    }
  }
}
