package dev.utter.speech.checkpoint;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.function.Predicate;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * Why a folder holds no checkpoint that can be used, where the cause is known: files that stand for
 * others, and formats of other programs. Determined only after reading the folder has failed.
 */
final class FolderDefect {

  private static final String POINTER = "version https://git-lfs.github.com/spec/";
  private static final int MAX_POINTER_BYTES = 1024;
  private static final Pattern MLX = Pattern.compile("\"format\"\\s*:\\s*\"mlx\"");
  private static final int HEADER_BYTES = 1 << 16;

  private final Path folder;
  private final List<Path> files;

  private FolderDefect(Path folder, List<Path> files) {
    this.folder = folder;
    this.files = files;
  }

  /** The cause, with the remedy. */
  static Optional<String> of(Path folder) {
    try (Stream<Path> entries = Files.list(folder)) {
      FolderDefect defect = new FolderDefect(folder, entries.sorted().toList());
      return Stream.of(
              defect.named(
                  FolderDefect::isPointer,
                  "stand for files that Git LFS did not download: run \"git lfs pull\" there, or"
                      + " \"utter model fetch\""),
              defect.named(
                  FolderDefect::leadsNowhere,
                  "link to files that do not exist: the download was broken off, or the cache moved"
                      + " without them"),
              defect.named(
                  FolderDefect::isMlx,
                  "are in the format of MLX, which other programs do not read"),
              defect.adapter(),
              defect.onlyOf(".gguf", "are for llama.cpp"),
              defect.onlyOf(".npz", "are for MLX"))
          .flatMap(Optional::stream)
          .findFirst();
    } catch (IOException e) {
      return Optional.empty();
    }
  }

  private Optional<String> named(Predicate<Path> wrong, String why) {
    List<String> names =
        files.stream().filter(wrong).map(file -> file.getFileName().toString()).toList();
    return names.isEmpty()
        ? Optional.empty()
        : Optional.of(folder + ": " + String.join(", ", names) + " " + why);
  }

  private static boolean isPointer(Path file) {
    try {
      return Files.isRegularFile(file)
          && Files.size(file) <= MAX_POINTER_BYTES
          && begin(file, MAX_POINTER_BYTES).startsWith(POINTER);
    } catch (IOException e) {
      return false;
    }
  }

  private static boolean leadsNowhere(Path file) {
    return Files.isSymbolicLink(file) && !Files.exists(file);
  }

  private static boolean isMlx(Path file) {
    try {
      return file.toString().endsWith(".safetensors")
          && Files.isRegularFile(file)
          && MLX.matcher(begin(file, HEADER_BYTES)).find();
    } catch (IOException e) {
      return false;
    }
  }

  private Optional<String> adapter() {
    return Files.exists(folder.resolve("adapter_config.json")) && !hasWeights()
        ? Optional.of(
            folder + ": holds an adapter (LoRA) and not the model; merge it into the model first")
        : Optional.empty();
  }

  private Optional<String> onlyOf(String ending, String why) {
    return hasWeights()
        ? Optional.empty()
        : named(
            file -> file.toString().endsWith(ending),
            why + "; a checkpoint as published, such as sesame/csm-1b, is needed");
  }

  private boolean hasWeights() {
    return WeightFiles.NAMES.stream().map(folder::resolve).anyMatch(Files::exists);
  }

  private static String begin(Path file, int bytes) throws IOException {
    try (InputStream in = Files.newInputStream(file)) {
      return new String(in.readNBytes(bytes), StandardCharsets.ISO_8859_1);
    }
  }
}
