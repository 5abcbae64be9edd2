package dev.utter.speech.checkpoint;

import static java.util.Objects.requireNonNull;

import dev.utter.speech.checkpoint.config.ConfigFields;
import dev.utter.speech.checkpoint.config.CsmConfig;
import dev.utter.speech.checkpoint.config.GenerationDefaults;
import dev.utter.speech.checkpoint.layout.CsmManifest;
import dev.utter.speech.checkpoint.layout.MimiManifest;
import dev.utter.speech.checkpoint.layout.MoshiLayout;
import dev.utter.speech.checkpoint.layout.OriginalLayout;
import dev.utter.speech.checkpoint.layout.TensorManifest;
import dev.utter.speech.checkpoint.layout.WeightLayout;
import dev.utter.speech.checkpoint.tensor.SafetensorsFile;
import dev.utter.speech.checkpoint.tensor.StoredTensor;
import dev.utter.speech.failure.CheckpointException;
import java.nio.file.Path;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * An opened checkpoint directory: settings read, every tensor known by name and checked for its
 * shape, no weights in memory yet.
 *
 * <p>Tensors have transformers' names and half-split rotary pairs whichever layout the files have.
 * Immutable and safe for use by several threads.
 */
public final class Checkpoint {

  /** Prefix of the names of the codec's tensors. */
  public static final String CODEC_PREFIX = "codec_model.";

  private final Path directory;
  private final CsmConfig config;
  private final GenerationDefaults generationDefaults;
  private final WeightLayout layout;
  private final Map<String, StoredTensor> tensors;

  Checkpoint(
      Path directory,
      CsmConfig config,
      GenerationDefaults generationDefaults,
      WeightLayout layout,
      Map<String, StoredTensor> tensors) {
    this.directory = directory;
    this.config = config;
    this.generationDefaults = generationDefaults;
    this.layout = layout;
    this.tensors = Collections.unmodifiableMap(tensors);
  }

  /**
   * Opens a directory.
   *
   * @throws CheckpointException if a file is missing or damaged, a setting is not supported, or a
   *     tensor is missing, superfluous or misshapen
   */
  public static Checkpoint open(Path directory) {
    try {
      return read(directory);
    } catch (CheckpointException e) {
      throw FolderDefect.of(directory)
          .map(why -> new CheckpointException(why + " (" + e.getMessage() + ")", e))
          .orElse(e);
    }
  }

  private static Checkpoint read(Path directory) {
    Path configFile = directory.resolve("config.json");
    CsmConfig config = CsmConfig.read(configFile);
    GenerationDefaults defaults =
        GenerationDefaults.read(directory.resolve("generation_config.json"));
    Path source = WeightFiles.find(directory, ConfigFields.read(configFile));
    Map<String, StoredTensor> stored = WeightFiles.read(source);
    boolean original = stored.containsKey(OriginalLayout.SIGNATURE);
    Map<String, StoredTensor> tensors =
        original ? joinCodec(directory, config, stored) : new LinkedHashMap<>(stored);
    if (ConfigFields.read(configFile).flag("tie_codebooks_embeddings", true)) {
      shareAudioTable(tensors);
    }
    manifest(config).check(source, tensors);
    return new Checkpoint(
        directory,
        config,
        defaults,
        original ? WeightLayout.ORIGINAL : WeightLayout.TRANSFORMERS,
        tensors);
  }

  /** The directory opened. */
  public Path directory() {
    return directory;
  }

  /** Settings of the model. */
  public CsmConfig config() {
    return config;
  }

  /** The sampling defaults of the model's authors. */
  GenerationDefaults generationDefaults() {
    return generationDefaults;
  }

  /** How the files store the weights. */
  WeightLayout layout() {
    return layout;
  }

  /** All tensors by name; unmodifiable. */
  public Map<String, StoredTensor> tensors() {
    return tensors;
  }

  /**
   * One tensor.
   *
   * @throws NullPointerException if no tensor has this name
   */
  public StoredTensor tensor(String name) {
    return requireNonNull(tensors.get(name), () -> "the checkpoint has no tensor " + name);
  }

  /** The tensors whose names begin with {@code prefix}, by the rest of the name. */
  public Map<String, StoredTensor> tensors(String prefix) {
    Map<String, StoredTensor> part = new LinkedHashMap<>();
    tensors.forEach(
        (name, tensor) -> {
          if (name.startsWith(prefix)) {
            part.put(name.substring(prefix.length()), tensor);
          }
        });
    return part;
  }

  private static Map<String, StoredTensor> joinCodec(
      Path directory, CsmConfig config, Map<String, StoredTensor> stored) {
    Map<String, StoredTensor> tensors = OriginalLayout.toTransformers(stored, config);
    tensors.putAll(codec(WeightFiles.findCodec(directory), config));
    return tensors;
  }

  /** Mimi is published twice: as moshi names its tensors, and as transformers does. */
  private static Map<String, StoredTensor> codec(Path file, CsmConfig config) {
    Map<String, StoredTensor> stored = SafetensorsFile.read(file);
    if (MoshiLayout.isLayoutOf(stored)) {
      return MoshiLayout.toTransformers(stored, CODEC_PREFIX, config.codec().transformer());
    }
    if (!stored.containsKey(MimiManifest.SIGNATURE)) {
      throw CheckpointException.tensor(
          file,
          MimiManifest.SIGNATURE,
          "the codec's tensors, as moshi or transformers name them",
          "nothing");
    }
    Map<String, StoredTensor> tensors = new LinkedHashMap<>();
    stored.forEach(
        (name, tensor) -> tensors.put(CODEC_PREFIX + name, tensor.named(CODEC_PREFIX + name)));
    return tensors;
  }

  /** If tied, backbone and depth decoder embed audio with one table, stored once or twice. */
  private static void shareAudioTable(Map<String, StoredTensor> tensors) {
    StoredTensor backbone = tensors.get(CsmManifest.BACKBONE_AUDIO_TABLE);
    StoredTensor depth = tensors.get(CsmManifest.DEPTH_AUDIO_TABLE);
    if (backbone == null && depth != null) {
      tensors.put(CsmManifest.BACKBONE_AUDIO_TABLE, depth.named(CsmManifest.BACKBONE_AUDIO_TABLE));
    }
    if (depth == null && backbone != null) {
      tensors.put(CsmManifest.DEPTH_AUDIO_TABLE, backbone.named(CsmManifest.DEPTH_AUDIO_TABLE));
    }
  }

  static TensorManifest manifest(CsmConfig config) {
    return TensorManifest.of(config, CODEC_PREFIX);
  }
}
