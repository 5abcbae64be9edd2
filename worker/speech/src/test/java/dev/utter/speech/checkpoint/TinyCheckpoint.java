package dev.utter.speech.checkpoint;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.utter.speech.checkpoint.config.TransformerConfig;
import dev.utter.speech.checkpoint.tensor.FloatConversion;
import dev.utter.speech.checkpoint.tensor.SafetensorsFile;
import dev.utter.speech.checkpoint.tensor.StoredTensor;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.function.Consumer;
import java.util.stream.Stream;

/** The small checkpoints of the tests, and altered copies. */
public final class TinyCheckpoint {

  /** The checkpoint's directory. */
  public static final Path DIRECTORY = Path.of("src/test/fixtures/csm-tiny");

  /** A checkpoint that differs from it wherever it can. */
  public static final Path ODD_DIRECTORY = Path.of("src/test/fixtures/csm-odd");

  private static final ObjectMapper JSON = new ObjectMapper();

  private TinyCheckpoint() {}

  /** What the reference program computed from the checkpoint, by name. */
  public static Map<String, StoredTensor> reference() {
    return numbers(DIRECTORY.resolve("reference.safetensors"));
  }

  /** The tensors of a reference file, by name. */
  public static Map<String, StoredTensor> numbers(Path file) {
    return SafetensorsFile.read(file);
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
  public static Path copyTo(Path directory) {
    try (Stream<Path> files = Files.list(DIRECTORY)) {
      for (Path file : files.filter(Files::isRegularFile).toList()) {
        Files.copy(file, directory.resolve(file.getFileName().toString()));
      }
      return directory;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Writes the config.json of a checkpoint that differs in the sizes of its backbone only. */
  public static void describe(Path directory, TransformerConfig backbone) throws IOException {
    Files.copy(DIRECTORY.resolve("config.json"), directory.resolve("config.json"));
    edit(
        directory,
        "config.json",
        root -> {
          root.put("hidden_size", backbone.hiddenSize());
          root.put("intermediate_size", backbone.intermediateSize());
          root.put("num_hidden_layers", backbone.layers());
          root.put("num_attention_heads", backbone.attentionHeads());
          root.put("num_key_value_heads", backbone.keyValueHeads());
          root.put("head_dim", backbone.headDim());
          ((ObjectNode) root.get("depth_decoder_config"))
              .put("backbone_hidden_size", backbone.hiddenSize());
        });
  }

  /** Rewrites a JSON file of {@code directory}. */
  public static void edit(Path directory, String file, Consumer<ObjectNode> change) {
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
