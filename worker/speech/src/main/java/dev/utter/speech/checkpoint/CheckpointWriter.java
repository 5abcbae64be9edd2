package dev.utter.speech.checkpoint;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.utter.speech.checkpoint.config.CsmConfig;
import dev.utter.speech.checkpoint.config.CsmConfigJson;
import dev.utter.speech.checkpoint.layout.CsmManifest;
import dev.utter.speech.checkpoint.tensor.Dtype;
import dev.utter.speech.checkpoint.tensor.StoredTensor;
import dev.utter.speech.failure.CheckpointException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/**
 * Writes checkpoints: config.json, the weights and companion files. The folder appears only when it
 * is complete.
 */
public final class CheckpointWriter {

  /** For config.json, the header and what the file system itself needs. */
  private static final long SPARE_BYTES = 16 << 20;

  /** How {@code kyutai/moshiko-pytorch-bf16} names the codec's file. */
  private static final String CODEC = "tokenizer-e351c8d8-checkpoint125.safetensors";

  private static final String MODEL = "model.safetensors";

  private final Checkpoint checkpoint;
  private final FileLayout layout;
  private final Path folder;

  private CheckpointWriter(Checkpoint checkpoint, FileLayout layout, Path folder) {
    this.checkpoint = checkpoint;
    this.layout = layout;
    this.folder = folder;
  }

  /**
   * Writes a checkpoint.
   *
   * @param layout the files of the weights
   * @param dtype type of the stored floating-point numbers: F32, F16 or BF16
   * @param companions files copied beside the weights, a tokenizer's for example
   * @param folder must not exist, or be empty
   * @return size of the weights in bytes
   * @throws CheckpointException if the folder is not empty, the disk is too small, or a file cannot
   *     be written; nothing is left behind then
   */
  public static long write(
      Checkpoint checkpoint, FileLayout layout, Dtype dtype, List<Path> companions, Path folder) {
    return new CheckpointWriter(checkpoint, layout, folder.toAbsolutePath().normalize())
        .write(dtype, companions);
  }

  private long write(Dtype dtype, List<Path> companions) {
    List<WeightFile> files = files(checkpoint, layout, dtype);
    long bytes = files.stream().mapToLong(WeightFile::tensorBytes).sum();
    // Beside the folder, because a rename is atomic only within one file system.
    Path partial =
        folder.resolveSibling(folder.getFileName() + ".partial-" + ProcessHandle.current().pid());
    try {
      requireEmpty();
      Files.createDirectories(partial);
      requireSpace(partial, bytes);
      CsmConfig config = checkpoint.config().withDtype(dtype.torchName());
      ObjectNode settings = CsmConfigJson.of(config);
      if (layout == FileLayout.TRANSFORMERS) {
        settings.put(WeightFiles.CHOSEN, PublishedShards.INDEX);
        Files.writeString(partial.resolve(PublishedShards.INDEX), PublishedShards.index(files));
      }
      Files.writeString(partial.resolve("config.json"), settings.toPrettyString() + "\n");
      for (Path companion : companions) {
        Files.copy(companion, partial.resolve(companion.getFileName()));
      }
      for (WeightFile file : files) {
        file.write(partial);
      }
      Files.move(partial, folder, StandardCopyOption.ATOMIC_MOVE);
      return bytes;
    } catch (IOException e) {
      throw new CheckpointException(folder + ": cannot be written: " + e.getMessage(), e);
    } finally {
      delete(partial);
    }
  }

  /** The files of the weights, as they will be written. */
  static List<WeightFile> files(Checkpoint checkpoint, FileLayout layout, Dtype dtype) {
    OriginalNames original = new OriginalNames(checkpoint);
    return switch (layout) {
      case SINGLE ->
          List.of(
              WeightFile.of(MODEL, narrowed(once(checkpoint), dtype), WeightFile.OF_TRANSFORMERS));
      case TRANSFORMERS ->
          PublishedShards.of(
              narrowed(checkpoint.tensors().values(), dtype), PublishedShards.MAX_BYTES);
      case ORIGINAL ->
          List.of(
              WeightFile.of(MODEL, narrowed(original.languageModel(), dtype), Map.of()),
              WeightFile.of(CODEC, narrowed(original.codec(), dtype), Map.of()));
    };
  }

  /** All tensors, but an audio table that both parts of the model share once. */
  private static List<StoredTensor> once(Checkpoint checkpoint) {
    StoredTensor backbone = checkpoint.tensor(CsmManifest.BACKBONE_AUDIO_TABLE);
    return checkpoint.tensors().values().stream()
        .filter(
            tensor ->
                !tensor.name().equals(CsmManifest.DEPTH_AUDIO_TABLE) || !tensor.holdsSame(backbone))
        .toList();
  }

  private static List<StoredTensor> narrowed(Collection<StoredTensor> tensors, Dtype dtype) {
    return tensors.stream().map(tensor -> tensor.narrowedTo(dtype)).toList();
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
