package dev.utter.speech.model;

import dev.utter.speech.checkpoint.Checkpoint;
import dev.utter.speech.checkpoint.tensor.StoredTensor;
import dev.utter.speech.digest.Sha256;
import dev.utter.speech.failure.CheckpointException;
import dev.utter.speech.hub.HubCache;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.util.HexFormat;
import java.util.TreeMap;

/** Name and revision of a checkpoint. */
final class CheckpointIdentity {

  /**
   * Enough of every tensor to distinguish a fine-tuned checkpoint from its parent without reading
   * it all.
   */
  private static final int SAMPLE_BYTES = 1024;

  private CheckpointIdentity() {}

  /** Last part of the folder's path; the repository's name in a Hugging Face cache. */
  static String name(Path folder) {
    Path path = folder.toAbsolutePath().normalize();
    return HubCache.modelOf(path)
        .orElseGet(
            () -> path.getFileName() == null ? path.toString() : path.getFileName().toString());
  }

  /**
   * SHA-256 in hexadecimal over config.json and, by name, every tensor's description and beginning.
   */
  static String revision(Checkpoint checkpoint) {
    MessageDigest digest = Sha256.start();
    digest.update(config(checkpoint));
    for (StoredTensor tensor : new TreeMap<>(checkpoint.tensors()).values()) {
      digest.update(tensor.toString().getBytes(StandardCharsets.UTF_8));
      ByteBuffer data = tensor.data();
      digest.update(data.slice(0, Math.min(SAMPLE_BYTES, data.capacity())));
    }
    return HexFormat.of().formatHex(digest.digest());
  }

  private static byte[] config(Checkpoint checkpoint) {
    Path file = checkpoint.directory().resolve("config.json");
    try {
      return Files.readAllBytes(file);
    } catch (IOException e) {
      throw new CheckpointException(file + ": not readable: " + e.getMessage(), e);
    }
  }
}
