package dev.utter.speech.parity;

import dev.utter.speech.checkpoint.tensor.SafetensorsFile;
import dev.utter.speech.checkpoint.tensor.StoredTensor;
import dev.utter.speech.failure.CheckpointException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** The numbers of a {@code reference.safetensors}. */
final class ReferenceNumbers {

  static final String FILE = "reference.safetensors";

  private final Path file;
  private final Map<String, StoredTensor> tensors;

  private ReferenceNumbers(Path file, Map<String, StoredTensor> tensors) {
    this.file = file;
    this.tensors = tensors;
  }

  static ReferenceNumbers read(Path fixture) {
    Path file = fixture.resolve(FILE);
    return new ReferenceNumbers(file, SafetensorsFile.read(file));
  }

  boolean has(String key) {
    return tensors.containsKey(key);
  }

  /** First groups of all keys that match, sorted. */
  List<String> matching(Pattern pattern) {
    return tensors.keySet().stream()
        .map(pattern::matcher)
        .filter(Matcher::matches)
        .map(match -> match.group(1))
        .sorted()
        .toList();
  }

  /** Sizes of a tensor's dimensions. */
  long[] shape(String key) {
    return tensor(key).shape().getShape();
  }

  float[] floats(String key) {
    StoredTensor tensor = tensor(key);
    ByteBuffer data = tensor.data();
    float[] values = new float[Math.toIntExact(tensor.shape().size())];
    for (int i = 0; i < values.length; i++) {
      values[i] =
          switch (tensor.dtype()) {
            case F32 -> data.getFloat();
            case F64 -> (float) data.getDouble();
            default -> throw unexpected(tensor, "F32 or F64");
          };
    }
    return values;
  }

  int[] ints(String key) {
    StoredTensor tensor = tensor(key);
    ByteBuffer data = tensor.data();
    int[] values = new int[Math.toIntExact(tensor.shape().size())];
    for (int i = 0; i < values.length; i++) {
      values[i] =
          switch (tensor.dtype()) {
            case I64 -> Math.toIntExact(data.getLong());
            case I32 -> data.getInt();
            case I16 -> data.getShort();
            default -> throw unexpected(tensor, "I64, I32 or I16");
          };
    }
    return values;
  }

  private StoredTensor tensor(String key) {
    StoredTensor tensor = tensors.get(key);
    if (tensor == null) {
      throw CheckpointException.tensor(file, key, "a tensor", "nothing");
    }
    return tensor;
  }

  private CheckpointException unexpected(StoredTensor tensor, String expected) {
    return CheckpointException.tensor(file, tensor.name(), expected, tensor.dtype());
  }
}
