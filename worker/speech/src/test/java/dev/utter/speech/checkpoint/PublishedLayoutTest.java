package dev.utter.speech.checkpoint;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.ObjectMapper;
import dev.utter.speech.checkpoint.config.CsmConfig;
import dev.utter.speech.checkpoint.layout.WeightLayout;
import dev.utter.speech.checkpoint.tensor.Dtype;
import dev.utter.speech.checkpoint.tensor.StoredTensor;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** The files of the published repositories, as their pages list them. */
class PublishedLayoutTest {

  private static final Checkpoint CSM_1B = RandomCheckpoint.csm1b(1);
  private static final CsmConfig TINY =
      CsmConfig.read(TinyCheckpoint.DIRECTORY.resolve("config.json"));

  @TempDir private Path folder;

  @Test
  void theShardsHaveTheSizesOfThePublishedOnes() {
    // When
    List<WeightFile> shards = CheckpointWriter.files(CSM_1B, FileLayout.TRANSFORMERS, Dtype.F32);

    // Then
    assertThat(shards)
        .extracting(WeightFile::name)
        .containsExactly(
            "transformers-00001-of-00002.safetensors", "transformers-00002-of-00002.safetensors");
    assertThat(shards)
        .extracting(WeightFile::bytes)
        .containsExactly(4_944_026_784L, 2_189_474_180L);
    assertThat(shards.stream().mapToInt(shard -> shard.tensors().size()).sum()).isEqualTo(538);
    assertThat(PublishedShards.index(shards).getBytes(StandardCharsets.UTF_8)).hasSize(59_730);
  }

  @Test
  void theOriginalFilesHaveTheSizesOfThePublishedOnes() {
    // When
    List<WeightFile> files = CheckpointWriter.files(CSM_1B, FileLayout.ORIGINAL, Dtype.F32);

    // Then
    assertThat(files)
        .extracting(WeightFile::name)
        .containsExactly("model.safetensors", "tokenizer-e351c8d8-checkpoint125.safetensors");
    assertThat(files).extracting(WeightFile::bytes).containsExactly(6_211_186_784L, 384_644_900L);
    assertThat(files.get(0).tensors()).hasSize(187);
  }

  @ParameterizedTest
  @EnumSource
  void everyLayoutHoldsTheSameModel(FileLayout layout) {
    // Given
    Checkpoint random = RandomCheckpoint.of(TINY, 7, Path.of("random"));

    // When
    CheckpointWriter.write(random, layout, Dtype.F32, List.of(), folder.resolve("model"));

    // Then
    Checkpoint read = Checkpoint.open(folder.resolve("model"));
    assertThat(read.layout())
        .isEqualTo(
            layout == FileLayout.ORIGINAL ? WeightLayout.ORIGINAL : WeightLayout.TRANSFORMERS);
    assertThat(read.tensors()).containsOnlyKeys(random.tensors().keySet());
    random
        .tensors()
        .forEach(
            (name, tensor) ->
                assertThat(read.tensor(name).data()).as(name).isEqualTo(tensor.data()));
  }

  @Test
  void aShardEndsWhereTheNextTensorWouldExceedItsSize() throws IOException {
    // Given
    Map<String, StoredTensor> tensors = RandomCheckpoint.of(TINY, 7, Path.of("random")).tensors();
    long max = tensors.values().stream().mapToLong(StoredTensor::bytes).sum() / 4;

    // When
    List<WeightFile> shards = PublishedShards.of(tensors.values(), max);

    // Then
    assertThat(shards)
        .hasSizeGreaterThan(4)
        .allSatisfy(shard -> assertThat(shard.tensorBytes()).isLessThanOrEqualTo(max));
    assertThat(shards.stream().mapToInt(shard -> shard.tensors().size()).sum())
        .isEqualTo(tensors.size());
    assertThat(new ObjectMapper().readTree(PublishedShards.index(shards)).path("weight_map"))
        .hasSize(tensors.size());
  }

  @Test
  void theIndexIsTheFileThatTheSettingsName() throws IOException {
    // When
    CheckpointWriter.write(
        RandomCheckpoint.of(TINY, 7, Path.of("random")),
        FileLayout.TRANSFORMERS,
        Dtype.BF16,
        List.of(),
        folder.resolve("model"));

    // Then
    assertThat(Files.readString(folder.resolve("model/config.json")))
        .contains("\"transformers_weights\" : \"transformers.safetensors.index.json\"");
    assertThat(ModelInspection.inspect(folder.resolve("model")).tensorsByDtype())
        .containsOnlyKeys(Dtype.BF16);
  }
}
