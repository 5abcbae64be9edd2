package dev.utter.worker.start;

import static java.util.Objects.requireNonNull;

import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.Comparator;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What killed processes left in the temporary folder: recordings that were being decoded. They are
 * needed for less than the ten minutes a decoder may take, so what is older is nobody's.
 */
public final class Leftovers {
  private static final Logger LOGGER = LoggerFactory.getLogger(Leftovers.class);
  private static final String PREFIX = "utter-audio-";
  private static final Duration OLD = Duration.ofHours(1);

  private final Path folder;
  private final Clock clock;

  /** Those of a folder, usually the temporary one. */
  public Leftovers(Path folder, Clock clock) {
    this.folder = requireNonNull(folder, "folder is null");
    this.clock = requireNonNull(clock, "clock is null");
  }

  /** Removes them; those of other users stay. */
  public void remove() {
    int removed = 0;
    try (DirectoryStream<Path> all = Files.newDirectoryStream(folder, PREFIX + "*")) {
      for (Path path : all) {
        if (isOld(path) && delete(path)) {
          removed++;
        }
      }
    } catch (IOException e) {
      LOGGER.atWarn().addKeyValue("reason", e.toString()).log("Temporary folder cannot be read");
    }
    if (removed > 0) {
      LOGGER
          .atInfo()
          .addKeyValue("folder", folder)
          .addKeyValue("count", removed)
          .log("Removed recordings that killed processes left");
    }
  }

  private boolean isOld(Path path) {
    try {
      return Files.getLastModifiedTime(path).toInstant().isBefore(clock.instant().minus(OLD));
    } catch (IOException e) {
      // Gone meanwhile.
      return false;
    }
  }

  private static boolean delete(Path path) {
    try (Stream<Path> paths = Files.walk(path)) {
      for (Path each : paths.sorted(Comparator.reverseOrder()).toList()) {
        Files.delete(each);
      }
      return true;
    } catch (IOException e) {
      LOGGER.atDebug().setCause(e).addKeyValue("path", path).log("Leftover cannot be removed");
      return false;
    }
  }
}
