package dev.utter.worker.start;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/** Checks whether a state folder is persistent. */
public final class StateFolder {
  private static final List<Path> TEMPORARY =
      List.of(
          Path.of(System.getProperty("java.io.tmpdir")),
          Path.of("/tmp"),
          Path.of("/var/tmp"),
          Path.of("/dev/shm"));

  private StateFolder() {}

  /** Why the content of the folder may disappear; empty if it stays. */
  public static Optional<String> whyTemporary(Path folder) {
    Path absolute = folder.toAbsolutePath().normalize();
    Optional<Path> below = TEMPORARY.stream().filter(absolute::startsWith).findFirst();
    return below.isPresent()
        ? below.map(parent -> "it is below " + parent + ", which is cleaned by the system")
        : fileSystem(absolute)
            .filter("tmpfs"::equals)
            .map(type -> "it is on a file system in memory");
  }

  private static Optional<String> fileSystem(Path folder) {
    for (Path path = folder; path != null; path = path.getParent()) {
      if (Files.exists(path)) {
        try {
          return Optional.of(Files.getFileStore(path).type());
        } catch (IOException e) {
          return Optional.empty();
        }
      }
    }
    return Optional.empty();
  }
}
