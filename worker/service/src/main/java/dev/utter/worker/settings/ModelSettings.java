package dev.utter.worker.settings;

import static java.util.Objects.requireNonNull;

import dev.utter.speech.engine.GenerationSettings;
import dev.utter.speech.model.ModelSource;
import dev.utter.speech.model.SpeechSettings;
import dev.utter.speech.torch.EngineSettings;
import dev.utter.speech.torch.EngineSettings.Kernels;
import dev.utter.speech.torch.EngineSettings.Precision;
import dev.utter.worker.models.StoredModel;
import dev.utter.worker.settings.source.Setting;
import dev.utter.worker.settings.source.SettingDefault;
import dev.utter.worker.settings.source.SettingGroup;
import dev.utter.worker.settings.source.SettingType;
import dev.utter.worker.settings.source.SettingsSource;
import java.nio.file.Path;

/**
 * Settings of the model; section {@code model}. The records of the speech module have the defaults
 * and rules of what it does.
 *
 * @param source folder of the checkpoint, name of a published one, or address in the store
 * @param download whether a published one may be downloaded at start
 * @param speech where and how tensors are computed, how generations are run and when they end
 */
public record ModelSettings(ModelSource source, boolean download, SpeechSettings speech) {
  /** The settings. */
  static final SettingGroup GROUP = new SettingGroup("model", "Model");

  /** Where a model is. */
  static final SettingType<ModelSource> MODEL =
      SettingType.single(
          "folder, name or address of a model",
          "a folder, a name such as sesame/csm-1b or an address s3://bucket/prefix",
          ModelSettings::source,
          String::valueOf);

  private static final EngineSettings ENGINE = EngineSettings.defaults();
  private static final GenerationSettings GENERATION = GenerationSettings.defaults();

  /** Without it a worker has no model. */
  static final Setting<ModelSource> SOURCE =
      GROUP.everyday(
          "source",
          MODEL,
          SettingDefault.otherwise("required for synthesis"),
          "folder of a CSM checkpoint, the name of a published one, `sesame/csm-1b` or"
              + " `sesame/csm-1b@revision`, in the cache of the hub, or `s3://bucket/prefix`, which is"
              + " pulled from the store at start; see [models](models.md)");

  private static final Setting<Boolean> DOWNLOAD =
      GROUP.everyday(
          "download",
          SettingType.flag(),
          false,
          "downloads published models, the watermark's too, at start if they are not in the cache");

  private static final Setting<String> DEVICE =
      GROUP.everyday(
          "device",
          SettingType.text(),
          ENGINE.device(),
          "`auto`, `cpu`, `cuda`, `cuda:N` or `mps`. `auto` takes the first CUDA device that can be"
              + " used, else the CPU. A worker without a model checks marks on the CPU; see"
              + " [GPU](gpu.md)");

  private static final Setting<Integer> THREADS =
      GROUP.everyday(
          "threads",
          SettingType.integer(),
          SettingDefault.auto("one per processor"),
          "threads that one operation may use on the CPU");

  private static final Setting<Precision> PRECISION =
      GROUP.everyday(
          "precision",
          SettingType.choice(Precision.class),
          ENGINE.precision(),
          "how the language model's weights are held; `INT8` is 8 bit, `INT4` 8 bit with the MLPs of"
              + " the depth decoder in 4 bit, both on the CPU only. The codec is always 32 bit, the"
              + " watermark has `watermark.precision`");

  private static final Setting<Kernels> KERNELS =
      GROUP.advanced(
          "kernels",
          SettingType.choice(Kernels.class),
          ENGINE.kernels(),
          "which kernels a CPU uses. `CUSTOM`: the custom CPU operators where they are available."
              + " `LIBTORCH`: libtorch's only. Either way the choice follows from precision,"
              + " processor and shape, so that two processes give the same bits");

  private static final Setting<Integer> SLOTS =
      GROUP.advanced(
          "slots",
          SettingType.integer(),
          SettingDefault.auto(
              "as many as memory has room for, 64 at most; on a CPU also as many as are generated in real time, or within twice the time of one"),
          "utterances generated at the same time");

  private static final Setting<Long> MEMORY_BYTES =
      GROUP.advanced(
          "memoryBytes",
          SettingType.bytes(),
          SettingDefault.auto(
              "half of what is free beside the weights and all that heap, state stores and decoders"
                  + " may still take"),
          "native memory for everything but the weights: slots, preempted utterances, the prefix"
              + " cache");

  private static final Setting<Long> PREFIX_BYTES =
      GROUP.advanced(
          "prefixBytes",
          SettingType.bytes(),
          SettingDefault.auto("an eighth of `model.memoryBytes`"),
          "of that memory, for the keys and values of contexts that requests share; 0 keeps none");

  private static final Setting<Integer> PREFILL_CHUNK =
      GROUP.advanced(
          "prefillChunk",
          SettingType.integer(),
          SettingDefault.auto("64, on a GPU 512"),
          "positions of prompts that are run between two frames: how long new requests hold up the"
              + " others");

  private static final Setting<Integer> FRAMES_PER_DECODE =
      GROUP.advanced(
          "framesPerDecode",
          SettingType.integer(),
          GENERATION.framesPerDecode(),
          "frames of an utterance that the codec decodes in one call");

  private static final Setting<Boolean> STRICT =
      GROUP.advanced(
          "strict",
          SettingType.flag(),
          GENERATION.strict(),
          "the samples of an utterance do not depend, to the last bit, on what else is generated;"
              + " every step then computes all slots");

  private static final Setting<Path> NATIVE_CACHE =
      GROUP.advanced(
          "nativeCache",
          SettingType.path(),
          SettingDefault.otherwise("DJL's, in the home folder"),
          "where native libraries are unpacked");

  private static final Setting<Path> NATIVE_LIBRARY =
      GROUP.advanced(
          "nativeLibrary",
          SettingType.path(),
          SettingDefault.none(),
          "library of operators, built for the libtorch in use by"
              + " `worker/speech/src/main/cpp/cuda/build`; everything works without");

  private static final Setting<Boolean> TF32 =
      GROUP.advanced(
          "tf32",
          SettingType.flag(),
          false,
          "with `model.nativeLibrary`: whether products and convolutions of 32 bit on a GPU may"
              + " round their inputs to 10 bits (TF32). Without that library libtorch's default"
              + " counts, which is TF32 for the codec's convolutions");

  private static final Setting<Boolean> GRAPHS =
      GROUP.advanced(
          "graphs",
          SettingType.flag(),
          GENERATION.graphs(),
          "with `model.nativeLibrary`, on a GPU and unless `model.strict`, frame steps are replayed"
              + " from CUDA graphs, if that gives the codes of plain steps; see deploy/gpu");

  /** Checks that nothing is missing. */
  public ModelSettings {
    requireNonNull(source, "source is null");
    requireNonNull(speech, "speech is null");
  }

  private static ModelSource source(String text) {
    ModelSource source = ModelSource.parse(text);
    source.address().ifPresent(StoredModel::parse);
    return source;
  }

  /** Where and how tensors are computed. */
  public EngineSettings engine() {
    return speech.engine();
  }

  static ModelSettings read(SettingsSource source) {
    return new ModelSettings(
        source.get(SOURCE),
        source.get(DOWNLOAD),
        new SpeechSettings(
            SettingsSource.checked(GROUP, () -> engine(source)),
            SettingsSource.checked(GROUP, () -> generation(source)),
            ModelEndings.read(source)));
  }

  private static EngineSettings engine(SettingsSource source) {
    return new EngineSettings(
        source.get(DEVICE),
        source.findInt(THREADS),
        source.get(PRECISION),
        source.get(KERNELS),
        source.find(NATIVE_CACHE),
        source.find(NATIVE_LIBRARY),
        source.get(TF32));
  }

  private static GenerationSettings generation(SettingsSource source) {
    return new GenerationSettings(
        source.findInt(PREFILL_CHUNK),
        source.findInt(SLOTS),
        source.findLong(MEMORY_BYTES),
        source.findLong(PREFIX_BYTES),
        source.get(FRAMES_PER_DECODE),
        source.get(STRICT),
        source.get(GRAPHS));
  }
}
