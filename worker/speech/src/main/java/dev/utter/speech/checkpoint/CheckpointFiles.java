package dev.utter.speech.checkpoint;

import dev.utter.speech.checkpoint.config.ConfigFields;
import dev.utter.speech.checkpoint.tensor.StoredTensor;
import dev.utter.speech.failure.CheckpointException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collections;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;

/** The files of a checkpoint on this machine that are read, wherever they are. */
public final class CheckpointFiles {

  private static final String TOKENIZER = "tokenizer.json";

  /** Name for the codec's file where its own is taken. */
  private static final String CODEC = "mimi.safetensors";

  private CheckpointFiles() {}

  /**
   * The files, with codec and tokenizer if these are elsewhere in a cache. Copied into one folder
   * under these names they are the same checkpoint.
   *
   * @return the files by the names that they have in one folder
   * @throws CheckpointException if the folder holds no checkpoint that can be used
   */
  public static SortedMap<String, Path> of(Path folder) {
    Checkpoint checkpoint = Checkpoint.open(folder);
    SortedMap<String, Path> files = new TreeMap<>();
    addPresent(files, folder, PublishedFiles.SMALL);
    if (!files.containsKey(TOKENIZER)) {
      Path tokenizer =
          Companions.tokenizer(folder)
              .filter(found -> Files.exists(found.resolve(TOKENIZER)))
              .orElseThrow(() -> new CheckpointException(folder + ": has no " + TOKENIZER));
      addPresent(files, tokenizer, PublishedFiles.ofTokenizer(PublishedFiles.SMALL));
    }
    Path source =
        WeightFiles.find(folder, ConfigFields.read(folder.resolve(PublishedFiles.CONFIG)));
    files.put(name(source), source);
    for (StoredTensor tensor : checkpoint.tensors().values()) {
      Path file = tensor.file();
      Path same = files.putIfAbsent(name(file), file);
      if (same != null && !same.equals(file)) {
        files.put(CODEC, file);
      }
    }
    return Collections.unmodifiableSortedMap(files);
  }

  private static void addPresent(Map<String, Path> files, Path folder, Iterable<String> names) {
    for (String name : names) {
      Path file = folder.resolve(name);
      if (Files.exists(file)) {
        files.put(name, file);
      }
    }
  }

  private static String name(Path file) {
    return file.getFileName().toString();
  }
}
