package dev.utter.speech.model;

import dev.utter.speech.checkpoint.CheckpointFiles;
import dev.utter.speech.failure.CheckpointException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;

/** The files of a model that are read. */
public final class ModelFiles {

  private ModelFiles() {}

  /**
   * The files of a checkpoint, or of watermark networks. Copied into one folder under these names
   * they are the same model.
   *
   * @return the files by the names that they have in one folder
   * @throws CheckpointException if the folder holds no model that can be used
   */
  public static Map<String, Path> of(Path folder) {
    if (!Files.exists(folder.resolve(ModelSource.WATERMARK_FILES.get(0)))) {
      return CheckpointFiles.of(folder);
    }
    SortedMap<String, Path> files = new TreeMap<>();
    for (String name : ModelSource.WATERMARK_FILES) {
      Path file = folder.resolve(name);
      if (!Files.exists(file)) {
        throw new CheckpointException(file + ": no such file");
      }
      files.put(name, file);
    }
    return files;
  }
}
