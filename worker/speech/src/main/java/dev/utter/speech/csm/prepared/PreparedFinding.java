package dev.utter.speech.csm.prepared;

import dev.utter.speech.checkpoint.Checkpoint;
import dev.utter.speech.failure.CheckpointException;
import dev.utter.speech.torch.EngineSettings.Precision;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * What is known of prepared weights beside a checkpoint.
 *
 * @param file the file
 * @param precision that it is looked for with
 * @param bytes its size
 * @param obstacle why a start does not use it; empty if nothing is known that speaks against it
 */
public record PreparedFinding(
    Path file, Precision precision, long bytes, Optional<String> obstacle) {

  /**
   * The files beside a checkpoint, of all precisions. Whether they belong to it and to this program
   * is known; not whether they fit this processor, and whether their weights are undamaged.
   *
   * @throws CheckpointException if a file of the checkpoint cannot be read
   */
  public static List<PreparedFinding> beside(Checkpoint checkpoint) {
    return Stream.of(Precision.values())
        .flatMap(precision -> beside(checkpoint, precision).stream())
        .toList();
  }

  /** The file of one precision, as {@link #beside(Checkpoint)}; empty if there is none. */
  public static Optional<PreparedFinding> beside(Checkpoint checkpoint, Precision precision) {
    Path file = PreparedFile.beside(checkpoint, precision);
    if (!Files.isRegularFile(file)) {
      return Optional.empty();
    }
    return Optional.of(
        new PreparedFinding(
            file,
            precision,
            size(file),
            obstacle(file, PreparedIdentity.of(checkpoint, precision))));
  }

  private static Optional<String> obstacle(Path file, PreparedIdentity identity) {
    try {
      PreparedFile.open(file, identity);
      return Optional.empty();
    } catch (CheckpointException e) {
      return Optional.of(String.valueOf(e.getMessage()));
    }
  }

  private static long size(Path file) {
    try {
      return Files.size(file);
    } catch (IOException e) {
      throw new CheckpointException(file + ": cannot be read: " + e.getMessage(), e);
    }
  }

  /** The same file with an obstacle. */
  public PreparedFinding because(String why) {
    return new PreparedFinding(file, precision, bytes, Optional.of(why));
  }
}
