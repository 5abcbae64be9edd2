package dev.utter.speech.csm.prepared;

import dev.utter.speech.checkpoint.Checkpoint;
import dev.utter.speech.checkpoint.tensor.StoredTensor;
import dev.utter.speech.torch.EngineSettings.Precision;
import java.nio.file.Path;
import java.util.Collections;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * What a prepared file belongs to. It is written into the file, and compared when the file is used.
 *
 * @param version version of the tensors
 * @param precision name of the precision
 * @param sources fingerprints of the checkpoint's files, by name
 */
record PreparedIdentity(String version, String precision, SortedMap<String, String> sources) {

  /**
   * Version of what the tensors mean: names, order of the numbers, what is folded into them. To be
   * raised by every change of the bytes that a checkpoint is converted to.
   */
  static final String VERSION = "1";

  private static final String VERSION_KEY = "utter.prepared";
  private static final String PRECISION_KEY = "precision";
  private static final String SOURCE_KEY = "source.";

  PreparedIdentity {
    sources = Collections.unmodifiableSortedMap(new TreeMap<>(sources));
  }

  /**
   * The identity of what this program makes of a checkpoint now.
   *
   * @throws dev.utter.speech.failure.CheckpointException if a file cannot be read
   */
  static PreparedIdentity of(Checkpoint checkpoint, Precision precision) {
    SortedMap<String, Path> files = new TreeMap<>();
    Path config = checkpoint.directory().resolve("config.json");
    files.put(name(config), config);
    for (StoredTensor tensor : checkpoint.tensors().values()) {
      if (!tensor.name().startsWith(Checkpoint.CODEC_PREFIX)) {
        files.put(name(tensor.file()), tensor.file());
      }
    }
    SortedMap<String, String> sources = new TreeMap<>();
    files.forEach((name, file) -> sources.put(name, SourceFingerprint.of(file)));
    return new PreparedIdentity(VERSION, precision.name(), sources);
  }

  private static String name(Path file) {
    return file.getFileName().toString();
  }

  /** As entries of a header. */
  SortedMap<String, String> metadata() {
    SortedMap<String, String> metadata = new TreeMap<>();
    metadata.put(VERSION_KEY, version);
    metadata.put(PRECISION_KEY, precision);
    sources.forEach((name, fingerprint) -> metadata.put(SOURCE_KEY + name, fingerprint));
    return metadata;
  }

  /** Why a file with these entries does not belong to this; empty if it does. */
  Optional<String> difference(Map<String, String> metadata) {
    if (!version.equals(metadata.get(VERSION_KEY))) {
      return Optional.of(
          "it has version %s of prepared weights, this program version %s"
              .formatted(metadata.getOrDefault(VERSION_KEY, "no"), version));
    }
    if (!precision.equals(metadata.get(PRECISION_KEY))) {
      return Optional.of("it is for " + metadata.get(PRECISION_KEY) + ", not for " + precision);
    }
    SortedMap<String, String> expected = metadata();
    Optional<String> changed =
        expected.entrySet().stream()
            .filter(entry -> !entry.getValue().equals(metadata.get(entry.getKey())))
            .map(Map.Entry::getKey)
            .findFirst();
    if (changed.isPresent()) {
      return changed.map(
          key -> key.substring(SOURCE_KEY.length()) + " is not the file that it was made from");
    }
    return metadata.keySet().stream()
        .filter(key -> key.startsWith(SOURCE_KEY) && !expected.containsKey(key))
        .findFirst()
        .map(key -> "the checkpoint no longer has " + key.substring(SOURCE_KEY.length()));
  }
}
