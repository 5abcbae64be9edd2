package dev.utter.speech.checkpoint;

import ai.djl.ndarray.types.Shape;
import dev.utter.speech.checkpoint.tensor.Dtype;
import dev.utter.speech.checkpoint.tensor.SafetensorsWriter;
import dev.utter.speech.checkpoint.tensor.StoredTensor;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.Consumer;

/** A copy of the small checkpoint whose weights are changed before it is written as one file. */
public final class AlteredCheckpoint {

  private final Path directory;
  private final Map<String, StoredTensor> tensors;

  private AlteredCheckpoint(Path directory) {
    this.directory = directory;
    tensors = new LinkedHashMap<>(Checkpoint.open(TinyCheckpoint.DIRECTORY).tensors());
  }

  /** Writes the altered checkpoint into an empty directory and returns that. */
  public static Path write(Path directory, Consumer<AlteredCheckpoint> change) {
    AlteredCheckpoint altered = new AlteredCheckpoint(directory);
    change.accept(altered);
    return altered.write();
  }

  /** Drops a tensor. */
  public void remove(String name) {
    tensors.remove(name);
  }

  /** Stores a tensor's numbers as another, of the same shape. */
  public void copy(String from, String to) {
    tensors.put(to, tensors.get(from).named(to));
  }

  /** Sets all tensors whose names contain {@code part} to zero. */
  public void zero(String part) {
    tensors.keySet().stream().filter(name -> name.contains(part)).toList().forEach(this::clear);
  }

  private void clear(String name) {
    change(name, values -> Arrays.fill(values, 0));
  }

  /** Changes a tensor's numbers, row-major. */
  public void change(String name, Consumer<float[]> change) {
    StoredTensor old = tensors.get(name);
    float[] values = TinyCheckpoint.floats(old);
    change.accept(values);
    ByteBuffer bytes =
        ByteBuffer.allocateDirect(values.length * Float.BYTES).order(ByteOrder.LITTLE_ENDIAN);
    bytes.asFloatBuffer().put(values);
    Shape shape = old.shape();
    tensors.put(name, new StoredTensor(directory, name, Dtype.F32, shape, () -> bytes.duplicate()));
  }

  private Path write() {
    try {
      for (String file : new String[] {"config.json", "generation_config.json", "tokenizer.json"}) {
        Files.copy(TinyCheckpoint.DIRECTORY.resolve(file), directory.resolve(file));
      }
      SafetensorsWriter.write(directory.resolve("model.safetensors"), tensors.values());
      return directory;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
