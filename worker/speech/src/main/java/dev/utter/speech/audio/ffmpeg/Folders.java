package dev.utter.speech.audio.ffmpeg;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Deletes temporary folders and files. */
final class Folders {
  private static final Logger LOG = LoggerFactory.getLogger(Folders.class);

  /** Longer than any run of ffmpeg may take. */
  private static final Duration ABANDONED = Duration.ofMinutes(20);

  private Folders() {}

  /** Deletes a folder with everything in it, or a file; does nothing if there is none. */
  static void delete(Path folder) throws IOException {
    if (!Files.exists(folder)) {
      return;
    }
    try (Stream<Path> paths = Files.walk(folder)) {
      for (Path path : paths.sorted(Comparator.reverseOrder()).toList()) {
        Files.deleteIfExists(path);
      }
    }
  }

  /** Deletes the files that killed processes left in a folder for temporary files. */
  static void sweep(Path temporary, Instant now) {
    try (Stream<Path> paths = Files.list(temporary)) {
      List<Path> ours =
          paths
              .filter(path -> path.getFileName().toString().startsWith(TemporaryFile.PREFIX))
              .toList();
      for (Path path : ours) {
        if (Files.getLastModifiedTime(path).toInstant().isBefore(now.minus(ABANDONED))) {
          delete(path);
        }
      }
    } catch (IOException e) {
      LOG.atDebug().setCause(e).log("Temporary files of earlier processes cannot be removed");
    }
  }
}
