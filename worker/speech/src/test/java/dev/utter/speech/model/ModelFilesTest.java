package dev.utter.speech.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.utter.speech.checkpoint.Checkpoint;
import dev.utter.speech.checkpoint.ModelInspection;
import dev.utter.speech.checkpoint.OriginalNames;
import dev.utter.speech.checkpoint.TinyCheckpoint;
import dev.utter.speech.checkpoint.tensor.SafetensorsWriter;
import dev.utter.speech.failure.CheckpointException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ModelFilesTest {
  private static final Path WATERMARK = Path.of("models/development/watermark");

  @TempDir private Path folder;

  @Test
  void theFilesOfACheckpointAreThoseThatAreRead() {
    // When
    Map<String, Path> files = ModelFiles.of(TinyCheckpoint.DIRECTORY);

    // Then
    assertThat(files)
        .containsKeys(
            "config.json",
            "generation_config.json",
            "tokenizer.json",
            "transformers.safetensors.index.json",
            "transformers-00007-of-00007.safetensors")
        .doesNotContainKeys("reference.safetensors", "reference.json");
  }

  @Test
  void theFilesOfAWatermarkAreItsNetworks() {
    assertThat(ModelFiles.of(WATERMARK))
        .containsOnlyKeys("hparams.yaml", "enc_c.ckpt", "dec_c.ckpt", "dec_m_0.ckpt");
  }

  @Test
  void aNetworkThatIsMissingIsNamed() throws IOException {
    // Given
    Files.copy(WATERMARK.resolve("hparams.yaml"), folder.resolve("hparams.yaml"));

    // Then
    assertThatThrownBy(() -> ModelFiles.of(folder))
        .isInstanceOf(CheckpointException.class)
        .hasMessage(folder.resolve("enc_c.ckpt") + ": no such file");
  }

  @Test
  void aBrokenCheckpointIsRefused() throws IOException {
    // Given
    TinyCheckpoint.copyTo(folder);
    Files.delete(folder.resolve("transformers-00002-of-00007.safetensors"));

    // Then
    assertThatThrownBy(() -> ModelFiles.of(folder))
        .isInstanceOf(CheckpointException.class)
        .hasMessageContaining("expected the shard");
  }

  @Test
  void aCheckpointWithoutTokenizerIsRefused() throws IOException {
    // Given
    TinyCheckpoint.copyTo(folder);
    Files.delete(folder.resolve("tokenizer.json"));

    // Then
    assertThatThrownBy(() -> ModelFiles.of(folder))
        .isInstanceOf(CheckpointException.class)
        .hasMessage(folder + ": has no tokenizer.json");
  }

  @Test
  void codecAndTokenizerThatAreElsewhereInTheCacheComeAlong() throws IOException {
    // Given: a cache with the first release of CSM, Mimi alone and Llama's tokenizer
    Checkpoint tiny = Checkpoint.open(TinyCheckpoint.DIRECTORY);
    Path csm = snapshot("models--sesame--csm-1b");
    Path mimi = snapshot("models--kyutai--mimi");
    Path llama = snapshot("models--meta-llama--Llama-3.2-1B");
    Files.copy(TinyCheckpoint.DIRECTORY.resolve("config.json"), csm.resolve("config.json"));
    Files.copy(TinyCheckpoint.DIRECTORY.resolve("tokenizer.json"), llama.resolve("tokenizer.json"));
    SafetensorsWriter.write(
        csm.resolve("model.safetensors"), new OriginalNames(tiny).languageModel());
    SafetensorsWriter.write(
        mimi.resolve("model.safetensors"),
        tiny.tensors(Checkpoint.CODEC_PREFIX).entrySet().stream()
            .map(entry -> entry.getValue().named(entry.getKey()))
            .toList());

    // When
    Map<String, Path> files = ModelFiles.of(csm);

    // Then
    assertThat(files)
        .containsEntry("mimi.safetensors", mimi.resolve("model.safetensors"))
        .containsOnlyKeys("config.json", "mimi.safetensors", "model.safetensors", "tokenizer.json");
    Path copy = Files.createDirectory(folder.resolve("copy"));
    for (Map.Entry<String, Path> file : files.entrySet()) {
      Files.copy(file.getValue(), copy.resolve(file.getKey()));
    }
    assertThat(ModelInspection.inspect(copy).tensors()).isEqualTo(tiny.tensors().size());
  }

  private Path snapshot(String model) throws IOException {
    String commit = "c92a71e1c419772e25be7dc14d952c2521a740ab";
    Files.createDirectories(folder.resolve(model).resolve("refs"));
    Files.writeString(folder.resolve(model).resolve("refs/main"), commit);
    return Files.createDirectories(folder.resolve(model).resolve("snapshots").resolve(commit));
  }
}
