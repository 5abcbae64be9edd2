package dev.utter.speech.checkpoint;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import dev.utter.speech.checkpoint.config.CsmConfig;
import dev.utter.speech.checkpoint.layout.CsmManifest;
import dev.utter.speech.checkpoint.tensor.StoredTensor;
import dev.utter.speech.torch.EngineSettings;
import dev.utter.speech.torch.TorchEngine;
import java.nio.file.Path;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class RandomCheckpointTest {

  private static final String HEAD = "lm_head.weight";

  @Test
  void csm1bHasThePublishedSizes() {
    // When
    Checkpoint checkpoint = RandomCheckpoint.csm1b(1);

    // Then
    long language =
        checkpoint.tensors().values().stream()
            .filter(tensor -> !tensor.name().startsWith(Checkpoint.CODEC_PREFIX))
            .filter(tensor -> !tensor.name().equals(CsmManifest.DEPTH_AUDIO_TABLE))
            .mapToLong(tensor -> tensor.shape().size())
            .sum();
    assertThat(language).isEqualTo(1_552_791_552L);
    assertThat(checkpoint.tensors().get("embed_text_tokens.weight").shape())
        .isEqualTo(new Shape(128_256, 2048));
    assertThat(checkpoint.tensors().keySet())
        .filteredOn(name -> !name.startsWith(Checkpoint.CODEC_PREFIX))
        .hasSize(188);
  }

  @Test
  void theSameSeedMakesTheSameNumbersAndAnotherOthers() {
    assertThat(numbers(1, HEAD)).containsExactly(numbers(1, HEAD));
    assertThat(numbers(2, HEAD)).isNotEqualTo(numbers(1, HEAD));
    assertThat(numbers(1, "backbone_model.layers.0.mlp.up_proj.weight"))
        .isNotEqualTo(numbers(1, "backbone_model.layers.1.mlp.up_proj.weight"));
  }

  @Test
  void anArrayMadeInPartsHoldsWhatTheBufferHolds() {
    // Given
    StoredTensor tensor =
        RandomCheckpoint.csm1b(3).tensors().get("depth_decoder.model.layers.0.mlp.up_proj.weight");
    TorchEngine engine = TorchEngine.start(EngineSettings.defaults().withThreads(1));

    // When
    float[] array;
    try (NDManager scope = engine.newScope()) {
      array = tensor.toNDArray(scope).toFloatArray();
    }

    // Then
    assertThat(array).hasSize(8192 * 1024).isEqualTo(TinyCheckpoint.floats(tensor));
  }

  @Test
  void numbersHaveTheDeviationOfAnInitialisedLayer() {
    // When
    float[] numbers = numbers(1, HEAD);

    // Then
    double mean =
        IntStream.range(0, numbers.length).mapToDouble(i -> numbers[i]).average().orElse(9);
    double square =
        IntStream.range(0, numbers.length)
            .mapToDouble(i -> (double) numbers[i] * numbers[i])
            .average()
            .orElse(9);
    int inputs =
        CsmConfig.read(TinyCheckpoint.DIRECTORY.resolve("config.json")).backbone().hiddenSize();
    assertThat(mean).isCloseTo(0, within(0.01));
    assertThat(Math.sqrt(square)).isCloseTo(2 / Math.sqrt(inputs), within(0.01));
  }

  private static float[] numbers(long seed, String name) {
    CsmConfig sizes = CsmConfig.read(TinyCheckpoint.DIRECTORY.resolve("config.json"));
    Checkpoint checkpoint = RandomCheckpoint.of(sizes, seed, Path.of("random"));
    return TinyCheckpoint.floats(checkpoint.tensors().get(name));
  }
}
