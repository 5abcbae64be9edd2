package dev.utter.embedded.host;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * A data folder: one of the caller, which is kept, or a temporary one, which is deleted on close.
 */
public final class DataFolder implements AutoCloseable {
  private final Path path;
  private final boolean temporary;

  private DataFolder(Path path, boolean temporary) {
    this.path = path;
    this.temporary = temporary;
  }

  /**
   * A folder that is deleted with everything in it when it is closed.
   *
   * @param prefix prefix of its name
   * @throws UncheckedIOException if it cannot be made
   */
  public static DataFolder temporary(String prefix) {
    return open(Optional.empty(), prefix);
  }

  /**
   * The given folder, which is kept on close, or a temporary folder if none is given.
   *
   * @param prefix prefix of the name of a temporary folder
   * @throws UncheckedIOException if it cannot be made
   */
  public static DataFolder open(Optional<Path> wanted, String prefix) {
    try {
      return wanted.isPresent()
          ? new DataFolder(Files.createDirectories(wanted.get().toAbsolutePath()), false)
          : new DataFolder(Files.createTempDirectory(prefix), true);
    } catch (IOException e) {
      throw new UncheckedIOException("cannot make a data folder: " + e.getMessage(), e);
    }
  }

  /** Path of the folder. */
  public Path path() {
    return path;
  }

  /**
   * Deletes the folder if it is temporary.
   *
   * @throws UncheckedIOException if something in it cannot be deleted
   */
  @Override
  public void close() {
    if (!temporary) {
      return;
    }
    try (Stream<Path> files = Files.walk(path)) {
      for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
        Files.deleteIfExists(file);
      }
    } catch (IOException e) {
      throw new UncheckedIOException("cannot delete " + path, e);
    }
  }
}
