package dev.utter.speech.checkpoint;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.utter.speech.checkpoint.config.CsmConfig;
import dev.utter.speech.checkpoint.layout.WeightLayout;
import dev.utter.speech.checkpoint.tensor.Dtype;
import dev.utter.speech.failure.CheckpointException;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Messages about a folder that is no valid checkpoint. */
class FolderDefectTest {

  private static final String SHARD = "transformers-00002-of-00007.safetensors";
  private static final String POINTER =
      """
      version https://git-lfs.github.com/spec/v1
      oid sha256:2e7721144afe38b906d4f1048671da639fe142423f4a26283606ecebe894f4bf
      size 6211186784
      """;

  @TempDir private Path folder;

  @BeforeEach
  void copy() {
    TinyCheckpoint.copyTo(folder);
  }

  private void assertRefused(String... parts) {
    assertThatThrownBy(() -> ModelInspection.inspect(folder))
        .isInstanceOf(CheckpointException.class)
        .hasMessageStartingWith(folder.toString())
        .satisfies(e -> assertThat(e.getMessage()).contains(parts));
  }

  @ParameterizedTest
  @ValueSource(strings = {SHARD, "config.json", "transformers.safetensors.index.json"})
  void pointersOfGitLfsAreNamed(String file) throws IOException {
    // Given
    Files.writeString(folder.resolve(file), POINTER);

    // Then
    assertRefused(file + " stand for files that Git LFS did not download", "git lfs pull");
  }

  @Test
  void aLinkToNothingIsNamed() throws IOException {
    // Given
    Files.delete(folder.resolve(SHARD));
    Files.createSymbolicLink(folder.resolve(SHARD), Path.of("../../blobs/gone"));

    // Then
    assertRefused(SHARD + " link to files that do not exist");
  }

  @Test
  void aMissingShardIsNamed() throws IOException {
    // Given
    Files.delete(folder.resolve(SHARD));

    // Then
    assertRefused("expected the shard " + SHARD + ", found no such file");
  }

  @Test
  void aCutShardIsNamed() throws IOException {
    // Given
    try (RandomAccessFile file = new RandomAccessFile(folder.resolve(SHARD).toFile(), "rw")) {
      file.setLength(file.length() / 2);
    }

    // Then
    assertRefused(SHARD, "file truncated");
  }

  @Test
  void aMissingConfigIsNamed() throws IOException {
    // Given
    Files.delete(folder.resolve("config.json"));

    // Then
    assertRefused("config.json: no such file");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "'__metadata__': {'format': 'mlx'}",
        "'model.backbone.layers.0.self_attn.q_proj.weight': {}",
        "'model.text_embeddings.scales': {}, 'model.text_embeddings.biases': {}"
      })
  void weightsOfMlxAreNamed(String entries) throws IOException {
    // Given
    writeHeader(entries);

    // Then
    assertRefused("model.safetensors are in the format of MLX", "sesame/csm-1b");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "backbone_model.layers.0.self_attn.q_proj.lora_A.default.weight",
        "base_model.model.backbone_model.layers.0.self_attn.q_proj.base_layer.weight"
      })
  void anAdapterBesideTheWeightsItChangesIsNamed(String tensor) throws IOException {
    // Given
    writeHeader("'" + tensor + "': {}");

    // Then
    assertRefused("model.safetensors have an adapter (LoRA)", "merge_and_unload()");
  }

  @ParameterizedTest
  @ValueSource(strings = {"qweight", "weight.absmax", "weight.quant_state.bitsandbytes__nf4"})
  void quantizedWeightsAreNamed(String ending) throws IOException {
    // Given
    writeHeader("'backbone_model.layers.0.mlp.up_proj." + ending + "': {}");

    // Then
    assertRefused("model.safetensors are quantized", "precision INT8");
  }

  @ParameterizedTest
  @ValueSource(strings = {"gptq", "bitsandbytes", "awq"})
  void settingsOfQuantizedWeightsAreNamed(String method) throws IOException {
    // Given
    writeHeader("'unknown': {'dtype': 'I32', 'shape': [0], 'data_offsets': [0, 0]}");
    TinyCheckpoint.edit(
        folder,
        "config.json",
        root -> root.putObject("quantization_config").put("quant_method", method));

    // Then
    assertRefused("the weights (" + method + ") are quantized", "precision INT8");
  }

  @ParameterizedTest
  @CsvSource({
    "csm-1b-q8_0.gguf, are for llama.cpp, sesame/csm-1b",
    "weights.npz, are for MLX, sesame/csm-1b",
    "pytorch_model.bin, are not read, safe_serialization"
  })
  void weightsOfOtherProgramsAreNamed(String file, String why, String remedy) throws IOException {
    // Given
    removeWeights();
    Files.write(folder.resolve(file), new byte[9]);

    // Then
    assertRefused(file + " " + why, remedy);
  }

  @Test
  void anAdapterIsNoModel() throws IOException {
    // Given
    Files.writeString(
        folder.resolve("adapter_config.json"), "{\"base_model_name_or_path\": \"unsloth/csm-1b\"}");
    writeHeader("'base_model.model.backbone_model.layers.0.self_attn.q_proj.lora_A.weight': {}");
    Files.move(folder.resolve("model.safetensors"), folder.resolve("adapter_model.safetensors"));

    // Then
    assertRefused("holds an adapter (LoRA) and not the model, which is unsloth/csm-1b", "merge it");
  }

  @Test
  void aMergedModelIsReadBesideWhatIsLeftOfItsAdapter() throws IOException {
    // Given
    Files.writeString(folder.resolve("adapter_config.json"), "{}");

    // Then
    assertThat(ModelInspection.inspect(folder).tensors()).isPositive();
  }

  @ParameterizedTest
  @CsvSource({"dtype, BF16", "torch_dtype, BF16", "dtype, F16", "torch_dtype, F16"})
  void aModelTrainedFurtherIsReadInTheTypeItWasSavedIn(String field, Dtype dtype)
      throws IOException {
    // Given: a file as transformers saves a model, with its tied table once
    removeWeights();
    Path saved = folder.resolve("saved");
    CheckpointWriter.write(
        RandomCheckpoint.of(CsmConfig.read(folder.resolve("config.json")), 3, folder),
        FileLayout.SINGLE,
        dtype,
        List.of(),
        saved);
    Files.move(saved.resolve("model.safetensors"), folder.resolve("model.safetensors"));
    TinyCheckpoint.edit(
        folder, "config.json", root -> root.put(field, dtype.torchName()).remove("architectures"));

    // When
    ModelInspection model = ModelInspection.inspect(folder);

    // Then
    assertThat(model.tensorsByDtype()).containsOnlyKeys(dtype);
    assertThat(model.config().dtype()).contains(dtype.torchName());
  }

  @Test
  void anyOtherDefectIsSaidAsItWasFound() {
    // Given
    TinyCheckpoint.edit(folder, "config.json", root -> root.put("hidden_act", "gelu"));

    // Then
    assertThatThrownBy(() -> Checkpoint.open(folder))
        .hasMessageStartingWith(folder.resolve("config.json") + ": hidden_act");
  }

  @Test
  void ofBothLayoutsTransformersIsRead() throws IOException {
    // Given: the original program's file beside the shards
    Files.write(folder.resolve("model.safetensors"), new byte[9]);
    Files.write(folder.resolve("ckpt.pt"), new byte[9]);

    // Then
    assertThat(ModelInspection.inspect(folder).layout()).isEqualTo(WeightLayout.TRANSFORMERS);
  }

  /** A file of one header, with quotes for apostrophes. */
  private void writeHeader(String entries) throws IOException {
    String header = "{" + entries.replace('\'', '"') + "}";
    ByteBuffer bytes =
        ByteBuffer.allocate(Long.BYTES + header.length())
            .order(ByteOrder.LITTLE_ENDIAN)
            .putLong(header.length())
            .put(header.getBytes(StandardCharsets.US_ASCII));
    removeWeights();
    Files.write(folder.resolve("model.safetensors"), bytes.array());
  }

  private void removeWeights() throws IOException {
    for (int shard = 1; shard <= 7; shard++) {
      Files.delete(folder.resolve("transformers-0000%d-of-00007.safetensors".formatted(shard)));
    }
    Files.delete(folder.resolve("transformers.safetensors.index.json"));
  }
}
