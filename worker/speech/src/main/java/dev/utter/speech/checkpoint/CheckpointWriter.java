package dev.utter.speech.checkpoint;

import dev.utter.speech.checkpoint.config.CsmConfig;
import dev.utter.speech.checkpoint.config.CsmConfigJson;
import dev.utter.speech.checkpoint.layout.CsmManifest;
import dev.utter.speech.checkpoint.tensor.Dtype;
import dev.utter.speech.checkpoint.tensor.SafetensorsWriter;
import dev.utter.speech.checkpoint.tensor.StoredTensor;
import dev.utter.speech.failure.CheckpointException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/**
 * Writes checkpoints in transformers' layout: config.json, model.safetensors and companion files.
 * The folder appears only when it is complete.
 */
public final class CheckpointWriter {

  /** For config.json, the header and what the file system itself needs. */
  private static final long SPARE_BYTES = 16 << 20;

  private final Checkpoint checkpoint;
  private final Path folder;

  private CheckpointWriter(Checkpoint checkpoint, Path folder) {
    this.checkpoint = checkpoint;
    this.folder = folder;
  }

  /**
   * Writes a checkpoint. An audio table that both parts of the model share is written once.
   *
   * @param dtype type of the stored floating-point numbers: F32, F16 or BF16
   * @param companions files copied beside the weights, a tokenizer's for example
   * @param folder must not exist, or be empty
   * @return size of the weights in bytes
   * @throws CheckpointException if the folder is not empty, the disk is too small, or a file cannot
   *     be written; nothing is left behind then
   */
  public static long write(Checkpoint checkpoint, Dtype dtype, List<Path> companions, Path folder) {
    return new CheckpointWriter(checkpoint, folder.toAbsolutePath().normalize())
        .write(dtype, companions);
  }

  private long write(Dtype dtype, List<Path> companions) {
    List<StoredTensor> tensors = tensors(dtype);
    long bytes = tensors.stream().mapToLong(StoredTensor::bytes).sum();
    // Beside the folder, because a rename is atomic only within one file system.
    Path partial =
        folder.resolveSibling(folder.getFileName() + ".partial-" + ProcessHandle.current().pid());
    try {
      requireEmpty();
      Files.createDirectories(partial);
      requireSpace(partial, bytes);
      CsmConfig config = checkpoint.config().withDtype(dtype.torchName());
      Files.writeString(
          partial.resolve("config.json"), CsmConfigJson.of(config).toPrettyString() + "\n");
      for (Path companion : companions) {
        Files.copy(companion, partial.resolve(companion.getFileName()));
      }
      SafetensorsWriter.write(partial.resolve("model.safetensors"), tensors);
      Files.move(partial, folder, StandardCopyOption.ATOMIC_MOVE);
      return bytes;
    } catch (IOException e) {
      throw new CheckpointException(folder + ": cannot be written: " + e.getMessage(), e);
    } finally {
      delete(partial);
    }
  }

  private List<StoredTensor> tensors(Dtype dtype) {
    List<StoredTensor> tensors = new ArrayList<>();
    StoredTensor backbone = checkpoint.tensor(CsmManifest.BACKBONE_AUDIO_TABLE);
    for (StoredTensor tensor : checkpoint.tensors().values()) {
      if (!tensor.name().equals(CsmManifest.DEPTH_AUDIO_TABLE) || !tensor.holdsSame(backbone)) {
        tensors.add(tensor.narrowedTo(dtype));
      }
    }
    return tensors;
  }

  private void requireEmpty() throws IOException {
    if (!Files.exists(folder)) {
      return;
    }
    if (!Files.isDirectory(folder)) {
      throw new CheckpointException(folder + ": exists and is not a folder");
    }
    try (Stream<Path> files = Files.list(folder)) {
      if (files.findAny().isPresent()) {
        throw new CheckpointException(folder + ": exists and is not empty");
      }
    }
  }

  private void requireSpace(Path partial, long bytes) throws IOException {
    long free = Files.getFileStore(partial).getUsableSpace();
    if (free < bytes + SPARE_BYTES) {
      throw new CheckpointException(
          folder + ": needs " + (bytes + SPARE_BYTES) + " bytes, the disk has " + free + " left");
    }
  }

  private static void delete(Path partial) {
    if (!Files.exists(partial)) {
      return;
    }
    try (Stream<Path> files = Files.list(partial)) {
      for (Path file : files.toList()) {
        Files.delete(file);
      }
      Files.delete(partial);
    } catch (IOException e) {
      throw new CheckpointException(partial + ": cannot be removed: " + e.getMessage(), e);
    }
  }
}
