package dev.utter.speech.checkpoint;

import dev.utter.speech.checkpoint.config.ConfigFields;
import dev.utter.speech.checkpoint.tensor.SafetensorsFile;
import dev.utter.speech.checkpoint.tensor.StoredTensor;
import dev.utter.speech.failure.CheckpointException;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;

/** Reads a checkpoint split into several safetensors files, listed in an index file. */
final class ShardIndex {

  private ShardIndex() {}

  /**
   * Reads the index and the header of every shard it names.
   *
   * @return the tensors by name, in the order of the index
   * @throws CheckpointException if a shard is missing or index and shards disagree
   */
  static Map<String, StoredTensor> read(Path index) {
    Map<String, String> weightMap = ConfigFields.read(index).strings("weight_map");
    Map<String, Map<String, StoredTensor>> shards = new LinkedHashMap<>();
    Map<String, StoredTensor> tensors = new LinkedHashMap<>();
    weightMap.forEach(
        (tensor, shard) -> {
          StoredTensor stored =
              shards.computeIfAbsent(shard, name -> readShard(index, name, tensor)).get(tensor);
          if (stored == null) {
            throw CheckpointException.tensor(
                index.resolveSibling(shard),
                tensor,
                "it here, as " + index.getFileName() + " says",
                "nothing");
          }
          tensors.put(tensor, stored);
        });
    shards.values().forEach(shard -> checkIndexed(index, shard, weightMap));
    return tensors;
  }

  private static Map<String, StoredTensor> readShard(Path index, String shard, String tensor) {
    Path file = beside(index, shard, tensor);
    if (!Files.exists(file)) {
      throw CheckpointException.tensor(index, tensor, "the shard " + shard, "no such file");
    }
    return SafetensorsFile.read(file);
  }

  private static Path beside(Path index, String shard, String tensor) {
    Optional<Path> file;
    try {
      file = Optional.of(index.resolveSibling(shard));
    } catch (InvalidPathException e) {
      file = Optional.empty();
    }
    return file.filter(path -> folder(path).equals(folder(index)))
        .orElseThrow(
            () -> CheckpointException.tensor(index, tensor, "a file beside the index", shard));
  }

  /** Where a file is; nowhere for the root of the file system. */
  private static Optional<Path> folder(Path file) {
    return Optional.ofNullable(file.toAbsolutePath().normalize().getParent());
  }

  private static void checkIndexed(
      Path index, Map<String, StoredTensor> shard, Map<String, String> weightMap) {
    for (StoredTensor tensor : shard.values()) {
      String named = weightMap.get(tensor.name());
      if (!tensor.file().getFileName().toString().equals(named)) {
        throw CheckpointException.tensor(
            tensor.file(),
            tensor.name(),
            named == null ? "an entry in " + index.getFileName() : "it in " + named + " only",
            named == null ? "nothing" : "it here too");
      }
    }
  }
}
