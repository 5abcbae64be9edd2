package dev.utter.speech.checkpoint.layout;

import ai.djl.ndarray.types.Shape;
import dev.utter.speech.checkpoint.config.CsmConfig;
import dev.utter.speech.checkpoint.tensor.StoredTensor;
import dev.utter.speech.failure.CheckpointException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.Set;

/** The tensors a checkpoint must hold, and their shapes. */
public final class TensorManifest {

  private final Map<String, Shape> shapes = new LinkedHashMap<>();
  private final Set<String> optional = new LinkedHashSet<>();

  private TensorManifest() {}

  /**
   * The tensors of a model.
   *
   * @param codecPrefix start of the names of the codec's tensors
   */
  public static TensorManifest of(CsmConfig config, String codecPrefix) {
    TensorManifest manifest = new TensorManifest();
    CsmManifest.addTo(manifest, config);
    MimiManifest.addTo(manifest, codecPrefix, config.codec());
    return manifest;
  }

  TensorManifest add(String name, long... shape) {
    shapes.put(name, new Shape(shape));
    return this;
  }

  TensorManifest addOptional(String name, long... shape) {
    optional.add(name);
    return add(name, shape);
  }

  /** The shapes of all tensors, by name. */
  public Map<String, Shape> shapes() {
    return shapes;
  }

  /**
   * Checks that no tensor is missing, superfluous or of another shape.
   *
   * @param source the file to name when a tensor is missing
   * @throws CheckpointException naming file, tensor, expected and found
   */
  public void check(Path source, Map<String, StoredTensor> tensors) {
    shapes.forEach(
        (name, shape) -> {
          StoredTensor tensor = tensors.get(name);
          if (tensor != null) {
            check(tensor, shape);
          } else if (!optional.contains(name)) {
            throw CheckpointException.tensor(source, name, shape, "nothing");
          }
        });
    for (StoredTensor tensor : tensors.values()) {
      if (!shapes.containsKey(tensor.name())) {
        throw CheckpointException.tensor(
            tensor.file(), tensor.name(), "no tensor of this name", tensor.shape());
      }
    }
  }

  private static void check(StoredTensor tensor, Shape shape) {
    if (!tensor.shape().equals(shape)) {
      throw CheckpointException.tensor(tensor.file(), tensor.name(), shape, tensor.shape());
    }
    if (!tensor.dtype().isFloating()) {
      throw CheckpointException.tensor(
          tensor.file(), tensor.name(), "floating-point numbers", tensor.dtype());
    }
  }
}
