package dev.utter.speech.checkpoint;

import static java.util.Objects.requireNonNull;

import ai.djl.ndarray.types.Shape;
import dev.utter.speech.checkpoint.config.CsmConfig;
import dev.utter.speech.checkpoint.config.GenerationDefaults;
import dev.utter.speech.checkpoint.layout.CsmManifest;
import dev.utter.speech.checkpoint.layout.WeightLayout;
import dev.utter.speech.checkpoint.tensor.Dtype;
import dev.utter.speech.checkpoint.tensor.StoredTensor;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * Checkpoints of random weights, so that speed and memory of a model can be measured without its
 * files. Every tensor is computed when it is read, from seed and name.
 *
 * <p>Weights are scaled like an initialised network's, so that hidden states and logits keep a
 * usual magnitude.
 */
public final class RandomCheckpoint {

  /** Standard deviation of the logits, about what trained heads give. */
  private static final double LOGITS_DEVIATION = 2;

  private final CsmConfig config;
  private final long seed;
  private final Path directory;

  private RandomCheckpoint(CsmConfig config, long seed, Path directory) {
    this.config = config;
    this.seed = seed;
    this.directory = directory;
  }

  /** A checkpoint of CSM-1B's published sizes, codec included: 1.63 billion numbers. */
  public static Checkpoint csm1b(long seed) {
    return of(CsmConfig.csm1b(), seed, Path.of("random-csm-1b"));
  }

  /**
   * A checkpoint of these sizes.
   *
   * @param directory the value of {@link Checkpoint#directory()}; nothing is read or written there
   */
  public static Checkpoint of(CsmConfig config, long seed, Path directory) {
    return new RandomCheckpoint(config, seed, directory).checkpoint();
  }

  private Checkpoint checkpoint() {
    Map<String, StoredTensor> tensors = new LinkedHashMap<>();
    Checkpoint.manifest(config)
        .shapes()
        .forEach((name, shape) -> tensors.put(name, tensor(name, shape)));
    StoredTensor audio = requireNonNull(tensors.get(CsmManifest.BACKBONE_AUDIO_TABLE));
    tensors.put(CsmManifest.DEPTH_AUDIO_TABLE, audio.named(CsmManifest.DEPTH_AUDIO_TABLE));
    GenerationDefaults.Sampling sampling = new GenerationDefaults.Sampling(true, 0.9, 50);
    return new Checkpoint(
        directory,
        config,
        new GenerationDefaults(sampling, sampling, 125),
        WeightLayout.TRANSFORMERS,
        tensors);
  }

  private StoredTensor tensor(String name, Shape shape) {
    long bytes = shape.size() * Float.BYTES;
    RandomElements elements =
        new RandomElements(
            RandomElements.key(seed, name), bytes, mean(name), (float) deviation(name, shape));
    return new StoredTensor(directory, name, Dtype.F32, shape, elements);
  }

  /** Norms multiply, and a codebook entry is a sum divided by how often it was used. */
  private static float mean(String name) {
    boolean one =
        name.endsWith("norm.weight") || name.endsWith("usage") || name.endsWith("initialized");
    return one ? 1 : 0;
  }

  private double deviation(String name, Shape shape) {
    if (name.endsWith("usage") || name.endsWith("initialized")) {
      return 0;
    }
    if (shape.dimension() == 1) {
      return 0.1;
    }
    if (name.contains("embed_")) {
      return 1 / Math.sqrt(config.codebooks());
    }
    if (name.endsWith("codebooks_head.weight")) {
      return LOGITS_DEVIATION / Math.sqrt(shape.get(1));
    }
    double inputs = shape.slice(1).size();
    if (name.equals("lm_head.weight")) {
      return LOGITS_DEVIATION / Math.sqrt(inputs);
    }
    // What joins the residual stream is kept small, so that the stream does not grow with depth.
    boolean residual = name.contains("o_proj") || name.contains("down_proj");
    return (residual ? 1 / Math.sqrt(2. * config.backbone().layers()) : 1) / Math.sqrt(inputs);
  }
}
