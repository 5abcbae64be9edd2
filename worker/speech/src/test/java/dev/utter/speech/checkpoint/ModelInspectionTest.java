package dev.utter.speech.checkpoint;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.utter.speech.checkpoint.config.CsmConfig;
import dev.utter.speech.checkpoint.layout.WeightLayout;
import dev.utter.speech.checkpoint.tensor.Dtype;
import dev.utter.speech.failure.CheckpointException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ModelInspectionTest {

  @TempDir private Path directory;

  @Test
  void sumsUpACheckpoint() {
    // When
    ModelInspection inspection = ModelInspection.inspect(TinyCheckpoint.DIRECTORY);

    // Then: 729 649 numbers in all, 536 * 64 of them the depth decoder's copy of the audio table
    assertThat(inspection.layout()).isEqualTo(WeightLayout.TRANSFORMERS);
    assertThat(inspection.files()).hasSize(7);
    assertThat(inspection.tensors()).isEqualTo(187);
    assertThat(inspection.languageModelParameters() + inspection.codecParameters())
        .isEqualTo(729_649 - 536 * 64);
    assertThat(inspection.bytes()).isEqualTo(2_918_596);
    assertThat(inspection.tensorsByDtype()).isEqualTo(Map.of(Dtype.F32, 187));
  }

  @Test
  void anAudioTableStoredOnceTakesItsBytesOnce() {
    // Given
    CsmConfig config = CsmConfig.read(TinyCheckpoint.DIRECTORY.resolve("config.json"));
    Checkpoint random = RandomCheckpoint.of(config, 7, Path.of("random"));
    long written =
        CheckpointWriter.write(random, FileLayout.SINGLE, Dtype.F32, List.of(), directory);

    // Then
    assertThat(ModelInspection.inspect(directory).bytes()).isEqualTo(written);
  }

  @Test
  void reportsTheStorageOfTheWeights() {
    // When
    ModelInspection inspection = ModelInspection.inspect(TinyCheckpoint.ODD_DIRECTORY);

    // Then
    assertThat(inspection.tensorsByDtype()).containsOnlyKeys(Dtype.BF16);
    assertThat(inspection.files())
        .containsExactly(TinyCheckpoint.ODD_DIRECTORY.resolve("model.safetensors"));
  }

  @Test
  void refusesADirectoryThatIsNoCheckpoint() {
    assertThatThrownBy(() -> ModelInspection.inspect(directory))
        .isInstanceOf(CheckpointException.class)
        .hasMessage(directory.resolve("config.json") + ": no such file");
  }
}
