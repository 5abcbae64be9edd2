package dev.utter.speech.checkpoint;

import dev.utter.speech.checkpoint.config.CsmConfig;
import dev.utter.speech.checkpoint.config.GenerationDefaults;
import dev.utter.speech.checkpoint.layout.CsmManifest;
import dev.utter.speech.checkpoint.layout.WeightLayout;
import dev.utter.speech.checkpoint.tensor.Dtype;
import dev.utter.speech.checkpoint.tensor.StoredTensor;
import dev.utter.speech.failure.CheckpointException;
import java.nio.file.Path;
import java.util.EnumMap;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.Set;

/**
 * Facts about a checkpoint directory.
 *
 * @param directory the directory
 * @param layout how it stores its weights
 * @param files the files the weights are in
 * @param config its settings
 * @param generationDefaults sampling defaults of the model's authors
 * @param tensors number of tensors
 * @param languageModelParameters numbers in the language model, an audio table stored twice counted
 *     once
 * @param codecParameters numbers in the codec, codebooks included
 * @param bytes size of all tensors as stored, an audio table stored once counted once
 * @param tensorsByDtype number of tensors of each element type
 */
public record ModelInspection(
    Path directory,
    WeightLayout layout,
    Set<Path> files,
    CsmConfig config,
    GenerationDefaults generationDefaults,
    int tensors,
    long languageModelParameters,
    long codecParameters,
    long bytes,
    Map<Dtype, Integer> tensorsByDtype) {

  public ModelInspection {
    files = Set.copyOf(files);
    tensorsByDtype = Map.copyOf(tensorsByDtype);
  }

  /**
   * Opens a directory and sums it up; reads headers only.
   *
   * @throws CheckpointException as {@link Checkpoint#open}
   */
  public static ModelInspection inspect(Path directory) {
    Checkpoint checkpoint = Checkpoint.open(directory);
    Set<Path> files = new LinkedHashSet<>();
    Map<Dtype, Integer> dtypes = new EnumMap<>(Dtype.class);
    long language = 0;
    long codec = 0;
    long bytes = 0;
    for (StoredTensor tensor : checkpoint.tensors().values()) {
      files.add(tensor.file());
      dtypes.merge(tensor.dtype(), 1, Integer::sum);
      if (!tensor.name().equals(CsmManifest.DEPTH_AUDIO_TABLE)
          || !tensor.isStoredWith(checkpoint.tensor(CsmManifest.BACKBONE_AUDIO_TABLE))) {
        bytes += tensor.bytes();
      }
      if (tensor.name().startsWith(Checkpoint.CODEC_PREFIX)) {
        codec += tensor.shape().size();
      } else if (!tensor.name().equals(CsmManifest.DEPTH_AUDIO_TABLE)) {
        language += tensor.shape().size();
      }
    }
    return new ModelInspection(
        directory,
        checkpoint.layout(),
        files,
        checkpoint.config(),
        checkpoint.generationDefaults(),
        checkpoint.tensors().size(),
        language,
        codec,
        bytes,
        dtypes);
  }
}
