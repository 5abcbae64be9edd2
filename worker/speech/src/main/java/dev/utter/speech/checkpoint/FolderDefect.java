package dev.utter.speech.checkpoint;

import dev.utter.speech.checkpoint.config.ConfigFields;
import dev.utter.speech.failure.CheckpointException;
import dev.utter.speech.hub.listing.HubFile;
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

  /** MLX says so in the header, or puts this before the names of the original program. */
  private static final Pattern MLX =
      Pattern.compile(
          "\"format\"\\s*:\\s*\"mlx\"|\"model\\.(backbone|text_embeddings|audio_embeddings)\\.");

  /** Tensors of an adapter beside those that it changes. */
  private static final Pattern UNMERGED =
      Pattern.compile("\"[^\"]*\\.(lora_A|lora_B|lora_embedding_A|base_layer)\\.[^\"]*\"");

  /** What GPTQ, AWQ, bitsandbytes and others store in place of a matrix, or with it. */
  private static final Pattern QUANTIZED =
      Pattern.compile(
          "\"[^\"]*\\.(qweight|qzeros|absmax|quant_map|quant_state\\.[^\"]*|weight_scale|weight_scale_inv|weight_packed|SCB)\"");

  private static final int HEADER_BYTES = 1 << 18;

  private static final String NEEDED =
      "; a checkpoint as published, such as sesame/csm-1b, is needed";
  private static final String MERGE = ", with PEFT's merge_and_unload()";
  private static final String QUANTIZED_WEIGHTS =
      "are quantized, which is not read; use the weights in 16 or 32 bit, which are quantized when"
          + " they are loaded with precision INT8";

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
                  file -> hasInHeader(file, MLX),
                  "are in the format of MLX, which other programs do not read" + NEEDED),
              defect.adapter(),
              defect.named(
                  file -> hasInHeader(file, UNMERGED),
                  "have an adapter (LoRA) beside the weights that it changes; merge it into them"
                      + " first"
                      + MERGE),
              defect.quantized(),
              defect.named(file -> hasInHeader(file, QUANTIZED), QUANTIZED_WEIGHTS),
              defect.onlyOf(".gguf", "are for llama.cpp" + NEEDED),
              defect.onlyOf(".npz", "are for MLX" + NEEDED),
              defect.onlyOf(
                  ".bin",
                  "are not read, because such files can run programs; save the model with"
                      + " transformers' save_pretrained(folder, safe_serialization=True)"))
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

  private static boolean hasInHeader(Path file, Pattern pattern) {
    try {
      return file.toString().endsWith(".safetensors")
          && Files.isRegularFile(file)
          && pattern.matcher(begin(file, HEADER_BYTES)).find();
    } catch (IOException e) {
      return false;
    }
  }

  /** Weights that config.json says are quantized. */
  private Optional<String> quantized() {
    try {
      ConfigFields quantization =
          ConfigFields.read(folder.resolve(PublishedFiles.CONFIG)).object("quantization_config");
      String method = quantization.text("quant_method").map(name -> " (" + name + ")").orElse("");
      return quantization.isPresent()
          ? Optional.of(folder + ": the weights" + method + " " + QUANTIZED_WEIGHTS)
          : Optional.empty();
    } catch (CheckpointException e) {
      return Optional.empty();
    }
  }

  private Optional<String> adapter() {
    Path settings = folder.resolve("adapter_config.json");
    return Files.exists(settings) && !hasWeights()
        ? Optional.of(
            folder
                + ": holds an adapter (LoRA) and not the model"
                + baseModel(settings)
                + "; merge it into the model first"
                + MERGE)
        : Optional.empty();
  }

  private static String baseModel(Path settings) {
    try {
      return ConfigFields.read(settings)
          .text("base_model_name_or_path")
          .map(name -> ", which is " + HubFile.printable(name))
          .orElse("");
    } catch (CheckpointException e) {
      return "";
    }
  }

  private Optional<String> onlyOf(String ending, String why) {
    return hasWeights() ? Optional.empty() : named(file -> file.toString().endsWith(ending), why);
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
