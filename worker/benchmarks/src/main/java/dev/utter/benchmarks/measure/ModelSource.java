package dev.utter.benchmarks.measure;

import dev.utter.speech.checkpoint.Checkpoint;
import dev.utter.speech.checkpoint.RandomCheckpoint;
import java.nio.file.Path;
import java.util.Optional;

/**
 * The model to measure.
 *
 * @param name what results call it
 * @param checkpoint its sizes and weights
 * @param folder where its files are; nothing for random weights, which have none
 */
public record ModelSource(String name, Checkpoint checkpoint, Optional<Path> folder) {
  /** Of random weights. */
  public static final long SEED = 1;

  /** Of a folder, as published. */
  public static ModelSource folder(Path folder) {
    Path name = folder.toAbsolutePath().normalize().getFileName();
    return new ModelSource(String.valueOf(name), Checkpoint.open(folder), Optional.of(folder));
  }

  /** Random weights of CSM-1B's sizes, made as they are needed. */
  static ModelSource randomCsm1b() {
    return new ModelSource("random csm-1b", RandomCheckpoint.csm1b(SEED), Optional.empty());
  }
}
