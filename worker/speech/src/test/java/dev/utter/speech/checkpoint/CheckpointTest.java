package dev.utter.speech.checkpoint;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.utter.speech.checkpoint.layout.CsmManifest;
import dev.utter.speech.checkpoint.layout.WeightLayout;
import dev.utter.speech.checkpoint.tensor.SafetensorsWriter;
import dev.utter.speech.checkpoint.tensor.StoredTensor;
import dev.utter.speech.failure.CheckpointException;
import dev.utter.speech.torch.EngineSettings;
import dev.utter.speech.torch.TorchEngine;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class CheckpointTest {

  private static final String INDEX = "transformers.safetensors.index.json";
  private static final String LAST_SHARD = "transformers-00007-of-00007.safetensors";
  private static final String OUTPUT_PROJECTION =
      "codec_model.quantizer.semantic_residual_vector_quantizer.output_proj.weight";

  @TempDir private Path directory;

  @Test
  void opensShardsAndKnowsEveryTensor() {
    // When
    Checkpoint checkpoint = Checkpoint.open(TinyCheckpoint.DIRECTORY);

    // Then
    assertThat(checkpoint.layout()).isEqualTo(WeightLayout.TRANSFORMERS);
    assertThat(checkpoint.tensors().keySet()).hasSize(187);
    assertThat(checkpoint.tensors(Checkpoint.CODEC_PREFIX))
        .containsKey("decoder.layers.2.conv.weight");
    assertThat(checkpoint.tensors().get("embed_text_tokens.weight").shape())
        .isEqualTo(new Shape(378, 64));
  }

  @Test
  void handsTensorsOverAsNativeArrays() {
    // Given
    TorchEngine engine = TorchEngine.start(EngineSettings.defaults().withThreads(1));
    StoredTensor tensor = Checkpoint.open(TinyCheckpoint.DIRECTORY).tensors().get("lm_head.weight");

    try (NDManager scope = engine.newScope()) {
      // When
      NDArray array = tensor.toNDArray(scope);

      // Then
      assertThat(array.getDataType()).isEqualTo(DataType.FLOAT32);
      assertThat(array.getShape()).isEqualTo(new Shape(67, 64));
      assertThat(array.toFloatArray()).containsExactly(TinyCheckpoint.floats(tensor));
    }
  }

  @Test
  void refusesAnIndexThatNamesAMissingShard() throws IOException {
    // Given
    TinyCheckpoint.copyTo(directory);
    Files.delete(directory.resolve(LAST_SHARD));

    // Then
    assertRefused(INDEX, "expected the shard " + LAST_SHARD, "found no such file");
  }

  @Test
  void refusesAnIndexThatNamesATensorItsShardLacks() {
    // Given
    TinyCheckpoint.copyTo(directory);
    TinyCheckpoint.edit(
        directory, INDEX, root -> weightMap(root).put("lm_head.weight", LAST_SHARD));

    // Then
    assertRefused(LAST_SHARD, "tensor lm_head.weight", "expected it here", "found nothing");
  }

  @Test
  void refusesAShardWithATensorTheIndexLacks() {
    // Given
    TinyCheckpoint.copyTo(directory);
    TinyCheckpoint.edit(directory, INDEX, root -> weightMap(root).remove(OUTPUT_PROJECTION));

    // Then
    assertRefused(LAST_SHARD, "tensor " + OUTPUT_PROJECTION, "expected an entry in", INDEX);
  }

  @ParameterizedTest
  @ValueSource(strings = {"../elsewhere", "/", "no\0path"})
  void refusesAShardOutsideTheDirectory(String shard) {
    // Given
    TinyCheckpoint.copyTo(directory);
    TinyCheckpoint.edit(directory, INDEX, root -> weightMap(root).put("lm_head.weight", shard));

    // Then
    assertRefused(INDEX, "tensor lm_head.weight", "a file beside the index", shard);
  }

  @Test
  void refusesATruncatedShard() throws IOException {
    // Given
    TinyCheckpoint.copyTo(directory);
    Path shard = directory.resolve(LAST_SHARD);
    byte[] bytes = Files.readAllBytes(shard);
    Files.write(shard, Arrays.copyOf(bytes, bytes.length - 1));

    // Then
    assertRefused(LAST_SHARD, "expected data up to offset", "file truncated");
  }

  @Test
  void refusesAMissingTensor() {
    // Given: one layer more than the files hold
    TinyCheckpoint.copyTo(directory);
    TinyCheckpoint.edit(directory, "config.json", root -> root.put("num_hidden_layers", 4));

    // Then
    assertRefused(
        INDEX,
        "tensor backbone_model.layers.3.input_layernorm.weight",
        "expected (64)",
        "found nothing");
  }

  @Test
  void refusesASuperfluousTensor() {
    // Given: one layer less than the files hold
    TinyCheckpoint.copyTo(directory);
    TinyCheckpoint.edit(directory, "config.json", root -> root.put("num_hidden_layers", 2));

    // Then
    assertRefused(
        "transformers-00002-of-00007.safetensors",
        "tensor backbone_model.layers.2.input_layernorm.weight",
        "expected no tensor of this name",
        "found (64)");
  }

  @Test
  void refusesAMisshapenTensor() {
    // Given
    TinyCheckpoint.copyTo(directory);
    TinyCheckpoint.edit(directory, "config.json", root -> root.put("text_vocab_size", 379));

    // Then
    assertRefused(
        "transformers-00001-of-00007.safetensors",
        "tensor embed_text_tokens.weight",
        "expected (379, 64)",
        "found (378, 64)");
  }

  @Test
  void refusesADirectoryWithoutWeights() throws IOException {
    // Given
    Files.copy(TinyCheckpoint.DIRECTORY.resolve("config.json"), directory.resolve("config.json"));

    // Then
    assertRefused(directory.toString(), "expected weights in one of", "model.safetensors");
  }

  @Test
  void sharesAnAudioTableStoredOnce() throws IOException {
    // Given
    Map<String, StoredTensor> tensors =
        new LinkedHashMap<>(Checkpoint.open(TinyCheckpoint.DIRECTORY).tensors());
    tensors.remove(CsmManifest.DEPTH_AUDIO_TABLE);
    Files.copy(TinyCheckpoint.DIRECTORY.resolve("config.json"), directory.resolve("config.json"));
    SafetensorsWriter.write(directory.resolve("model.safetensors"), tensors.values());

    // When
    Checkpoint checkpoint = Checkpoint.open(directory);

    // Then
    assertThat(checkpoint.tensors().get(CsmManifest.DEPTH_AUDIO_TABLE).data())
        .isEqualTo(tensors.get(CsmManifest.BACKBONE_AUDIO_TABLE).data());
  }

  private static ObjectNode weightMap(ObjectNode root) {
    return (ObjectNode) root.get("weight_map");
  }

  private void assertRefused(String... parts) {
    assertThatThrownBy(() -> Checkpoint.open(directory))
        .isInstanceOf(CheckpointException.class)
        .message()
        .contains(parts);
  }
}
