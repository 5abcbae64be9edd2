package dev.utter.embedded.host;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.Optional;
import java.util.stream.Stream;

/** A folder that is either the caller's, and kept, or temporary, and deleted on close. */
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
   * @param prefix what its name begins with
   * @throws UncheckedIOException if it cannot be made
   */
  public static DataFolder temporary(String prefix) {
    return open(Optional.empty(), prefix);
  }

  /**
   * The wanted folder, which is kept when it is closed, or else a temporary one.
   *
   * @param prefix what the name of a temporary one begins with
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

  /** Where it is. */
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
