package dev.utter.speech.checkpoint;

import dev.utter.speech.checkpoint.tensor.SafetensorsWriter;
import dev.utter.speech.checkpoint.tensor.StoredTensor;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.Map;

/**
 * A file of weights that is to be written.
 *
 * @param name name of the file
 * @param tensors the tensors, by name as the safetensors library sorts them
 * @param metadata entries of the header that are no tensors
 */
record WeightFile(String name, List<StoredTensor> tensors, Map<String, String> metadata) {

  /** What transformers writes into the header, and demands when it reads one. */
  static final Map<String, String> OF_TRANSFORMERS = Map.of("format", "pt");

  WeightFile {
    tensors = tensors.stream().sorted(Comparator.comparing(StoredTensor::name)).toList();
    metadata = Map.copyOf(metadata);
  }

  static WeightFile of(
      String name, Collection<StoredTensor> tensors, Map<String, String> metadata) {
    return new WeightFile(name, List.copyOf(tensors), metadata);
  }

  /** Size of the tensors, in bytes. */
  long tensorBytes() {
    return tensors.stream().mapToLong(StoredTensor::bytes).sum();
  }

  /** Size of the file, in bytes. */
  long bytes() {
    return SafetensorsWriter.bytes(tensors, metadata);
  }

  void write(Path folder) throws IOException {
    SafetensorsWriter.write(folder.resolve(name), tensors, metadata);
  }
}
