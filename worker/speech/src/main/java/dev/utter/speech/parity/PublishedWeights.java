package dev.utter.speech.parity;

import dev.utter.speech.checkpoint.Checkpoint;
import dev.utter.speech.digest.Sha256;
import dev.utter.speech.hub.HubCache;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * Recognises the weights that were published as {@code sesame/csm-1b}. Random and fine-tuned ones
 * have the same names and sizes, so only a checksum or a revision of the hub counts.
 */
record PublishedWeights(String revision, String file, long bytes, String sha256) {

  static final PublishedWeights CSM_1B =
      new PublishedWeights(
          "c92a71e1c419772e25be7dc14d952c2521a740ab",
          "model.safetensors",
          6_211_186_784L,
          "2e7721144afe38b906d4f1048671da639fe142423f4a26283606ecebe894f4bf");

  /**
   * Whether a checkpoint has them: its folder is the snapshot of that revision in the hub's cache,
   * or holds the file of the original layout with that size and checksum.
   *
   * @throws UncheckedIOException if the file cannot be read
   */
  boolean areIn(Checkpoint checkpoint) {
    Path folder = checkpoint.directory().toAbsolutePath().normalize();
    if (HubCache.modelOf(folder).isPresent() && folder.endsWith(revision)) {
      return true;
    }
    Path weights = folder.resolve(file);
    try {
      return Files.isRegularFile(weights)
          && Files.size(weights) == bytes
          && Sha256.hex(weights).equals(sha256);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
