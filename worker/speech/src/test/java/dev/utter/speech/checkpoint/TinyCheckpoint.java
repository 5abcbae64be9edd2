package dev.utter.speech.checkpoint;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.function.Consumer;
import java.util.stream.Stream;

/** The small checkpoint of the tests, and altered copies of it. */
public final class TinyCheckpoint {

  /** The checkpoint's directory. */
  public static final Path DIRECTORY = Path.of("src/test/fixtures/csm-tiny");

  private static final ObjectMapper JSON = new ObjectMapper();

  private TinyCheckpoint() {}

  /** What the reference program computed from the checkpoint, by name. */
  public static Map<String, StoredTensor> reference() {
    return reference(DIRECTORY);
  }

  /** What the reference program computed for the fixture in {@code directory}, by name. */
  public static Map<String, StoredTensor> reference(Path directory) {
    return SafetensorsFile.read(directory.resolve("reference.safetensors"));
  }

  /** A reference tensor's numbers. */
  public static float[] floats(StoredTensor tensor) {
    float[] values = new float[Math.toIntExact(tensor.shape().size())];
    FloatConversion.toFloat32(tensor.data(), tensor.dtype()).asFloatBuffer().get(values);
    return values;
  }

  /** A reference tensor's whole numbers. */
  public static int[] ints(StoredTensor tensor) {
    int[] values = new int[Math.toIntExact(tensor.shape().size())];
    tensor.data().asIntBuffer().get(values);
    return values;
  }

  /** Copies the checkpoint's files into {@code directory}. */
  static Path copyTo(Path directory) {
    try (Stream<Path> files = Files.list(DIRECTORY)) {
      for (Path file : files.filter(Files::isRegularFile).toList()) {
        Files.copy(file, directory.resolve(file.getFileName().toString()));
      }
      return directory;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Rewrites a JSON file of {@code directory}. */
  static void edit(Path directory, String file, Consumer<ObjectNode> change) {
    Path path = directory.resolve(file);
    try {
      ObjectNode root = (ObjectNode) JSON.readTree(path.toFile());
      change.accept(root);
      JSON.writeValue(path.toFile(), root);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
