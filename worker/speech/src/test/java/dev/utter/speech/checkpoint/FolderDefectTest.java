package dev.utter.speech.checkpoint;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.utter.speech.failure.CheckpointException;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What a person reads of a folder that is not what it should be. */
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

  @Test
  void weightsOfMlxAreNamed() throws IOException {
    // Given
    String header = "{\"__metadata__\": {\"format\": \"mlx\"}}";
    ByteBuffer bytes =
        ByteBuffer.allocate(Long.BYTES + header.length())
            .order(ByteOrder.LITTLE_ENDIAN)
            .putLong(header.length())
            .put(header.getBytes(StandardCharsets.US_ASCII));
    removeWeights();
    Files.write(folder.resolve("model.safetensors"), bytes.array());

    // Then
    assertRefused("model.safetensors are in the format of MLX");
  }

  @ParameterizedTest
  @CsvSource({"csm-1b-q8_0.gguf, are for llama.cpp", "weights.npz, are for MLX"})
  void weightsOfOtherProgramsAreNamed(String file, String why) throws IOException {
    // Given
    removeWeights();
    Files.write(folder.resolve(file), new byte[9]);

    // Then
    assertRefused(file + " " + why, "sesame/csm-1b");
  }

  @Test
  void anAdapterIsNoModel() throws IOException {
    // Given
    removeWeights();
    Files.writeString(folder.resolve("adapter_config.json"), "{}");
    Files.write(folder.resolve("adapter_model.safetensors"), new byte[9]);

    // Then
    assertRefused("holds an adapter (LoRA)", "merge it");
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
    // Given the original program's file beside the shards
    Files.write(folder.resolve("model.safetensors"), new byte[9]);
    Files.write(folder.resolve("ckpt.pt"), new byte[9]);

    // Then
    assertThat(ModelInspection.inspect(folder).layout()).isEqualTo(WeightLayout.TRANSFORMERS);
  }

  private void removeWeights() throws IOException {
    for (int shard = 1; shard <= 7; shard++) {
      Files.delete(folder.resolve("transformers-0000%d-of-00007.safetensors".formatted(shard)));
    }
    Files.delete(folder.resolve("transformers.safetensors.index.json"));
  }
}
