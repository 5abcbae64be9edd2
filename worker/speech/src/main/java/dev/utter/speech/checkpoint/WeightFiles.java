package dev.utter.speech.checkpoint;

import dev.utter.speech.checkpoint.config.ConfigFields;
import dev.utter.speech.checkpoint.tensor.SafetensorsFile;
import dev.utter.speech.checkpoint.tensor.StoredTensor;
import dev.utter.speech.checkpoint.tensor.TorchZip;
import dev.utter.speech.failure.CheckpointException;
import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** Finds and reads a checkpoint directory's weights. */
final class WeightFiles {

  static final String INDEX_SUFFIX = ".index.json";
  static final String TRANSFORMERS_PREFIX = "transformers.";
  static final String TORCH = "ckpt.pt";

  /** Field of config.json with the name of the weights' file. */
  static final String CHOSEN = "transformers_weights";

  private static final String TORCH_SUFFIX = ".pt";

  /** In the order of preference: a directory may hold both layouts. */
  static final List<String> NAMES =
      List.of(
          "transformers.safetensors.index.json",
          "transformers.safetensors",
          "model.safetensors.index.json",
          "model.safetensors",
          TORCH);

  /**
   * How moshi's repositories name Mimi's file, and the name beside a model of a copy of another.
   */
  private static final String CODEC_GLOB = "{tokenizer-*,mimi}.safetensors";

  private WeightFiles() {}

  /** The index or the single file that holds the weights. */
  static Path find(Path directory, ConfigFields config) {
    List<String> candidates = new ArrayList<>(NAMES);
    config
        .text(CHOSEN)
        .ifPresent(
            named -> {
              if (named.contains("/") || named.contains("\\")) {
                throw config.refuse(CHOSEN, "must be a file name without folders");
              }
              candidates.add(0, named);
            });
    return candidates.stream()
        .map(directory::resolve)
        .filter(Files::exists)
        .findFirst()
        .orElseThrow(
            () ->
                new CheckpointException(
                    directory
                        + ": expected weights in one of "
                        + candidates
                        + ", found none of them"));
  }

  static Map<String, StoredTensor> read(Path source) {
    String name = source.getFileName().toString();
    if (name.endsWith(INDEX_SUFFIX)) {
      return ShardIndex.read(source);
    }
    return name.endsWith(TORCH_SUFFIX) ? TorchZip.read(source) : SafetensorsFile.read(source);
  }

  /**
   * Mimi's own file, which the original layout needs beside the language model's; in a cache of
   * models, that of a repository that publishes the codec.
   */
  static Path findCodec(Path directory) {
    List<Path> found = codecs(directory);
    if (found.isEmpty()) {
      found =
          Companions.CODECS.stream()
              .flatMap(codec -> Companions.in(directory, codec).stream())
              .map(WeightFiles::publishedCodecs)
              .filter(files -> !files.isEmpty())
              .findFirst()
              .orElse(found);
    }
    if (found.size() != 1) {
      throw new CheckpointException(
          directory
              + ": expected the codec's weights in one file "
              + CODEC_GLOB
              + ", as the original layout needs, found "
              + (found.isEmpty() ? "none; they are published as " + Companions.CODECS : found));
    }
    return found.get(0);
  }

  /** The codec's file in a snapshot of a repository that publishes it. */
  private static List<Path> publishedCodecs(Path snapshot) {
    List<Path> ofMoshi = codecs(snapshot);
    Path alone = snapshot.resolve(PublishedFiles.TRANSFORMERS_CODEC);
    return ofMoshi.isEmpty() && Files.exists(alone) ? List.of(alone) : ofMoshi;
  }

  private static List<Path> codecs(Path directory) {
    List<Path> found = new ArrayList<>();
    try (DirectoryStream<Path> files = Files.newDirectoryStream(directory, CODEC_GLOB)) {
      files.forEach(found::add);
    } catch (IOException e) {
      throw new CheckpointException(directory + ": cannot be read: " + e.getMessage(), e);
    }
    return found;
  }
}
