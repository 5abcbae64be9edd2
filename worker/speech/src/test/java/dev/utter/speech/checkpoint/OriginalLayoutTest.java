package dev.utter.speech.checkpoint;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.djl.ndarray.types.Shape;
import dev.utter.speech.checkpoint.layout.CsmManifest;
import dev.utter.speech.checkpoint.layout.WeightLayout;
import dev.utter.speech.checkpoint.tensor.SafetensorsFile;
import dev.utter.speech.checkpoint.tensor.SafetensorsWriter;
import dev.utter.speech.checkpoint.tensor.StoredTensor;
import dev.utter.speech.checkpoint.tensor.TorchFile;
import dev.utter.speech.failure.CheckpointException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Arrays;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class OriginalLayoutTest {

  private static final String CODEC_FILE = "tokenizer-e351c8d8-checkpoint125.safetensors";

  private final Checkpoint expected = Checkpoint.open(TinyCheckpoint.DIRECTORY);

  @TempDir private Path directory;
  private int storages;

  @BeforeEach
  void writeOriginalFiles() throws IOException {
    Files.copy(TinyCheckpoint.DIRECTORY.resolve("config.json"), directory.resolve("config.json"));
    OriginalNames writer = new OriginalNames(expected);
    SafetensorsWriter.write(directory.resolve("model.safetensors"), writer.languageModel());
    SafetensorsWriter.write(directory.resolve(CODEC_FILE), writer.codec());
  }

  @Test
  void isShownAsTransformersWouldHaveStoredIt() {
    // When
    Checkpoint checkpoint = Checkpoint.open(directory);

    // Then
    assertShownAsExpected(checkpoint);
  }

  @Test
  void isTheSameFromATorchCheckpointWithTheProgramsBuffers() throws IOException {
    // Given
    TorchFile torch = new TorchFile().ops("}(");
    add(torch, "backbone.layers.0.attn.pos_embeddings.cache", new Shape(3), new byte[12]);
    for (StoredTensor tensor : new OriginalNames(expected).languageModel()) {
      byte[] bytes = new byte[Math.toIntExact(tensor.bytes())];
      tensor.data().get(bytes);
      add(torch, tensor.name(), tensor.shape(), bytes);
    }
    torch.ops("u.").write(directory.resolve("ckpt.pt"));
    Files.delete(directory.resolve("model.safetensors"));

    // When
    Checkpoint checkpoint = Checkpoint.open(directory);

    // Then
    assertShownAsExpected(checkpoint);
  }

  private void add(TorchFile torch, String name, Shape shape, byte[] bytes) {
    String key = String.valueOf(storages++);
    int[] sizes = Arrays.stream(shape.getShape()).mapToInt(Math::toIntExact).toArray();
    int[] strides = new int[sizes.length];
    int stride = 1;
    for (int i = sizes.length - 1; i >= 0; i--) {
      strides[i] = stride;
      stride *= sizes[i];
    }
    torch.text(name).tensor(key, bytes.length / Float.BYTES, 0, sizes, strides);
    torch.record("data/" + key, bytes);
  }

  private void assertShownAsExpected(Checkpoint checkpoint) {
    assertThat(checkpoint.layout()).isEqualTo(WeightLayout.ORIGINAL);
    assertThat(checkpoint.tensors().keySet())
        .containsExactlyInAnyOrderElementsOf(expected.tensors().keySet());
    assertThat(checkpoint.tensors())
        .allSatisfy(
            (name, tensor) -> {
              StoredTensor converted = expected.tensors().get(sharedTable(name));
              assertThat(tensor.shape()).isEqualTo(converted.shape());
              assertThat(tensor.data()).isEqualTo(converted.data());
            });
  }

  /** The original has one audio table for both models; the small checkpoint has two. */
  private static String sharedTable(String name) {
    return name.equals(CsmManifest.DEPTH_AUDIO_TABLE) ? CsmManifest.BACKBONE_AUDIO_TABLE : name;
  }

  @Test
  void hasTheNamesOfThePublishedFiles() {
    assertThat(SafetensorsFile.read(directory.resolve("model.safetensors")))
        .containsKeys(
            "text_embeddings.weight",
            "audio_embeddings.weight",
            "projection.weight",
            "codebook0_head.weight",
            "audio_head",
            "backbone.layers.0.sa_norm.scale",
            "backbone.layers.0.mlp_norm.scale",
            "backbone.layers.2.attn.q_proj.weight",
            "backbone.layers.2.attn.output_proj.weight",
            "backbone.layers.1.mlp.w1.weight",
            "backbone.norm.scale",
            "decoder.layers.1.attn.k_proj.weight",
            "decoder.norm.scale");
    assertThat(SafetensorsFile.read(directory.resolve(CODEC_FILE)))
        .containsKeys(
            "encoder.model.0.conv.conv.weight",
            "encoder.model.1.block.3.conv.conv.bias",
            "decoder.model.2.convtr.convtr.weight",
            "decoder.model.14.conv.conv.bias",
            "encoder_transformer.transformer.layers.0.self_attn.in_proj_weight",
            "decoder_transformer.transformer.layers.1.self_attn.out_proj.weight",
            "decoder_transformer.transformer.layers.1.norm2.bias",
            "decoder_transformer.transformer.layers.1.linear1.weight",
            "decoder_transformer.transformer.layers.1.layer_scale_2.scale",
            "downsample.conv.conv.conv.weight",
            "upsample.convtr.convtr.convtr.weight",
            "quantizer.rvq_first.vq.layers.0._codebook.embedding_sum",
            "quantizer.rvq_rest.vq.layers.6._codebook.cluster_usage",
            "quantizer.rvq_rest.vq.layers.6._codebook._initialized",
            "quantizer.rvq_rest.output_proj.weight");
  }

  @Test
  void takesTheCodecAsTransformersNamesItToo() throws IOException {
    // Given
    replaceCodec(expected.tensors(Checkpoint.CODEC_PREFIX));

    // When
    Checkpoint checkpoint = Checkpoint.open(directory);

    // Then
    assertShownAsExpected(checkpoint);
  }

  @Test
  void refusesAFileThatIsNoCodecByItsName() throws IOException {
    // Given
    replaceCodec(Map.of("lm_head.weight", expected.tensor("lm_head.weight")));

    // Then
    assertThatThrownBy(() -> Checkpoint.open(directory))
        .isInstanceOf(CheckpointException.class)
        .hasMessageStartingWith(directory.resolve("mimi.safetensors").toString())
        .hasMessageContaining("the codec's tensors, as moshi or transformers name them");
  }

  @Test
  void refusesTwoCodecs() throws IOException {
    // Given
    Files.copy(directory.resolve(CODEC_FILE), directory.resolve("mimi.safetensors"));

    // Then
    assertThatThrownBy(() -> Checkpoint.open(directory))
        .isInstanceOf(CheckpointException.class)
        .hasMessageContaining("in one file", CODEC_FILE, "mimi.safetensors");
  }

  private void replaceCodec(Map<String, StoredTensor> tensors) throws IOException {
    Files.delete(directory.resolve(CODEC_FILE));
    SafetensorsWriter.write(
        directory.resolve("mimi.safetensors"),
        tensors.entrySet().stream().map(entry -> entry.getValue().named(entry.getKey())).toList());
  }

  @Test
  void needsTheCodecsOwnFile() throws IOException {
    // Given
    Files.delete(directory.resolve(CODEC_FILE));

    // Then
    assertThatThrownBy(() -> Checkpoint.open(directory))
        .isInstanceOf(CheckpointException.class)
        .hasMessageContaining(
            "expected the codec's weights in one file {tokenizer-*,mimi}.safetensors");
  }

  @Test
  void refusesATensorItDoesNotKnow() throws IOException {
    // Given
    Path file = directory.resolve("model.safetensors");
    Map<String, StoredTensor> tensors = SafetensorsFile.read(file);
    tensors.put("extra", tensors.get("backbone.norm.scale").named("extra"));
    Path other = directory.resolve("other.safetensors");
    SafetensorsWriter.write(other, tensors.values());
    Files.move(other, file, StandardCopyOption.REPLACE_EXISTING);

    // Then
    assertThatThrownBy(() -> Checkpoint.open(directory))
        .isInstanceOf(CheckpointException.class)
        .hasMessage(file + ": tensor extra: expected no tensor of this name, found (64)");
  }
}
