package dev.utter.speech.checkpoint;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.utter.speech.checkpoint.config.CsmConfig;
import dev.utter.speech.checkpoint.config.CsmConfigJson;
import dev.utter.speech.checkpoint.config.TransformerConfig;
import dev.utter.speech.checkpoint.layout.CsmManifest;
import dev.utter.speech.checkpoint.tensor.Dtype;
import dev.utter.speech.checkpoint.tensor.StoredTensor;
import dev.utter.speech.failure.CheckpointException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

class CheckpointWriterTest {

  private static final CsmConfig TINY =
      CsmConfig.read(TinyCheckpoint.DIRECTORY.resolve("config.json"));

  @TempDir Path folder;

  @Test
  void whatIsWrittenAndReadIsTheRandomCheckpointBitForBit() {
    // Given
    Checkpoint random = RandomCheckpoint.of(TINY, 7, Path.of("random"));
    Path written = folder.resolve("written");

    // When
    long bytes = CheckpointWriter.write(random, FileLayout.SINGLE, Dtype.F32, List.of(), written);
    Checkpoint read = Checkpoint.open(written);

    // Then
    assertThat(read.config()).isEqualTo(TINY.withDtype("float32"));
    assertThat(read.generationDefaults()).isEqualTo(random.generationDefaults());
    assertThat(read.tensors()).containsOnlyKeys(random.tensors().keySet());
    random
        .tensors()
        .forEach(
            (name, tensor) -> {
              assertThat(read.tensors().get(name).shape()).as(name).isEqualTo(tensor.shape());
              assertThat(read.tensors().get(name).data()).as(name).isEqualTo(tensor.data());
            });
    long audioTable = random.tensors().get(CsmManifest.DEPTH_AUDIO_TABLE).bytes();
    assertThat(bytes)
        .isEqualTo(
            random.tensors().values().stream().mapToLong(StoredTensor::bytes).sum() - audioTable);
  }

  @ParameterizedTest
  @EnumSource(names = {"F16", "BF16"})
  void aNarrowTypeHoldsTheNearestNumbersInHalfTheBytes(Dtype dtype) {
    // Given
    Checkpoint random = RandomCheckpoint.of(TINY, 7, Path.of("random"));
    float step = dtype == Dtype.F16 ? 0x1p-11f : 0x1p-8f;

    // When
    CheckpointWriter.write(random, FileLayout.SINGLE, dtype, List.of(), folder);

    // Then
    StoredTensor read = Checkpoint.open(folder).tensors().get("lm_head.weight");
    StoredTensor made = random.tensors().get("lm_head.weight");
    assertThat(read.bytes()).isEqualTo(made.bytes() / 2);
    float[] numbers = TinyCheckpoint.floats(made);
    float[] rounded = TinyCheckpoint.floats(read);
    assertThat(rounded).isNotEqualTo(numbers);
    for (int i = 0; i < numbers.length; i++) {
      float most = Math.max(Math.abs(numbers[i]), 0x1p-14f) * step;
      assertThat(Math.abs(rounded[i] - numbers[i])).isLessThanOrEqualTo(most);
    }
  }

  @Test
  void audioTablesThatDifferAreBothWritten() {
    // Given
    Checkpoint tiny = Checkpoint.open(TinyCheckpoint.DIRECTORY);

    // When
    CheckpointWriter.write(tiny, FileLayout.SINGLE, Dtype.F32, List.of(), folder);

    // Then
    Checkpoint read = Checkpoint.open(folder);
    tiny.tensors()
        .forEach(
            (name, tensor) ->
                assertThat(read.tensors().get(name).data()).as(name).isEqualTo(tensor.data()));
  }

  @ParameterizedTest
  @ValueSource(strings = {"csm-tiny", "csm-odd", "csm-newer"})
  void settingsSurviveTheFile(String fixture) throws IOException {
    // Given
    CsmConfig config =
        CsmConfig.read(TinyCheckpoint.DIRECTORY.resolveSibling(fixture).resolve("config.json"));
    Path file = folder.resolve("config.json");

    // When
    Files.writeString(file, CsmConfigJson.of(config).toString());

    // Then
    assertThat(CsmConfig.read(file)).isEqualTo(config);
  }

  @Test
  void settingsOfThePublishedSizesSurviveTheFile() throws IOException {
    // Given
    CsmConfig config = RandomCheckpoint.csm1b(1).config();
    Path file = folder.resolve("config.json");

    // When
    Files.writeString(file, CsmConfigJson.of(config).toString());

    // Then
    assertThat(CsmConfig.read(file)).isEqualTo(config);
  }

  @Test
  void companionsLieBesideTheWeights() {
    // When
    CheckpointWriter.write(
        RandomCheckpoint.of(TINY, 7, Path.of("random")),
        FileLayout.SINGLE,
        Dtype.F32,
        List.of(TinyCheckpoint.DIRECTORY.resolve("tokenizer.json")),
        folder);

    // Then
    assertThat(folder.resolve("tokenizer.json"))
        .hasSameBinaryContentAs(TinyCheckpoint.DIRECTORY.resolve("tokenizer.json"));
  }

  @Test
  void aFolderThatIsNotEmptyIsLeftAlone() throws IOException {
    // Given
    Path target = Files.createDirectory(folder.resolve("model"));
    Files.writeString(target.resolve("mine"), "mine");

    // When / Then
    assertThatThrownBy(() -> write(target)).hasMessageContaining(target + ": exists and is not");
    assertThat(target).isDirectoryContaining(file -> file.endsWith("mine"));
    assertThat(folder).isDirectoryNotContaining(file -> !file.equals(target));
  }

  @Test
  void aDiskThatIsTooSmallIsReportedWithTheNumbersBeforeAnythingIsWritten() {
    // Given
    CsmConfig endless =
        new CsmConfig(
            TINY.codebooks(),
            TINY.vocabularySize(),
            Integer.MAX_VALUE,
            new TransformerConfig(
                1 << 24, 8, 1, 1, 1, 8, 8, TINY.backbone().normEps(), TINY.backbone().rope()),
            TINY.depthDecoder(),
            TINY.codec(),
            0,
            0,
            0,
            0,
            0,
            TINY.dtype());
    Checkpoint checkpoint = RandomCheckpoint.of(endless, 1, Path.of("random"));

    // When / Then
    assertThatThrownBy(
            () ->
                CheckpointWriter.write(
                    checkpoint, FileLayout.SINGLE, Dtype.F32, List.of(), folder.resolve("model")))
        .isInstanceOf(CheckpointException.class)
        .hasMessageMatching(".*model: needs \\d{18} bytes, the disk has \\d+ left");
    assertThat(folder).isEmptyDirectory();
  }

  @Test
  void aFailedWriteLeavesNoFile() {
    // When / Then
    assertThatThrownBy(
            () ->
                CheckpointWriter.write(
                    RandomCheckpoint.of(TINY, 7, Path.of("random")),
                    FileLayout.SINGLE,
                    Dtype.F32,
                    List.of(folder.resolve("absent")),
                    folder.resolve("model")))
        .hasMessageContaining("model: cannot be written");
    assertThat(folder).isEmptyDirectory();
  }

  private static void write(Path target) {
    CheckpointWriter.write(
        RandomCheckpoint.of(TINY, 7, Path.of("random")),
        FileLayout.SINGLE,
        Dtype.F32,
        List.of(),
        target);
  }
}
