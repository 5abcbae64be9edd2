package dev.utter.speech.csm.prepared;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.djl.ndarray.types.Shape;
import dev.utter.speech.checkpoint.Checkpoint;
import dev.utter.speech.checkpoint.CheckpointFiles;
import dev.utter.speech.checkpoint.TinyCheckpoint;
import dev.utter.speech.checkpoint.tensor.Dtype;
import dev.utter.speech.checkpoint.tensor.SafetensorsFile;
import dev.utter.speech.checkpoint.tensor.StoredTensor;
import dev.utter.speech.failure.CheckpointException;
import dev.utter.speech.torch.EngineSettings.Precision;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class PreparedFileTest {

  private static final Path PATH = Path.of("made");
  private static final byte[] NUMBERS = new byte[5000];

  /** The second one begins at the third page. */
  private static final List<StoredTensor> TENSORS =
      List.of(
          new StoredTensor(
              PATH, "numbers", Dtype.I8, new Shape(50, 100), () -> ByteBuffer.wrap(NUMBERS)),
          new StoredTensor(
              PATH,
              "scale",
              Dtype.F32,
              new Shape(1),
              () -> ByteBuffer.wrap(new byte[] {1, 2, 3, 4})));

  @TempDir private Path folder;
  private Checkpoint checkpoint;
  private Path file;

  static {
    new Random(1).nextBytes(NUMBERS);
  }

  @BeforeEach
  void write() {
    checkpoint = Checkpoint.open(TinyCheckpoint.copyTo(folder));
    file = PreparedFile.beside(checkpoint, Precision.INT8);
    PreparedWriter.of(file, checkpoint, Precision.INT8).write(TENSORS);
  }

  private PreparedFile open() {
    return PreparedFile.open(file, PreparedIdentity.of(checkpoint, Precision.INT8));
  }

  @Test
  void hasTheTensorsAtPages() {
    // When
    PreparedFile opened = open();
    Map<String, StoredTensor> read = SafetensorsFile.read(file);

    // Then
    assertThat(file).hasFileName("utter-prepared-int8.safetensors");
    assertThat(opened.bytes()).isEqualTo(file.toFile().length());
    for (StoredTensor tensor : TENSORS) {
      StoredTensor found = opened.tensor(tensor.name());
      assertThat(found.toString()).isEqualTo(tensor.toString());
      assertThat(found.fileOffset().getAsLong() % 4096).isZero();
      assertThat(read.get(tensor.name()).data()).isEqualTo(tensor.data());
    }
  }

  @Test
  void hasTheSameBytesWheneverItIsWritten() throws IOException {
    // Given
    byte[] first = Files.readAllBytes(file);

    // When
    PreparedWriter.of(file, checkpoint, Precision.INT8).write(TENSORS);

    // Then
    assertThat(Files.readAllBytes(file)).isEqualTo(first);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "config.json",
        "transformers-00001-of-00007.safetensors",
        "transformers-00003-of-00007.safetensors"
      })
  void doesNotBelongToAChangedCheckpoint(String name) throws IOException {
    // Given
    Path source = folder.resolve(name);
    byte[] bytes = Files.readAllBytes(source);
    bytes[bytes.length - 1] ^= 1;
    Files.write(source, bytes);

    // Then
    assertThatThrownBy(this::open)
        .isInstanceOf(CheckpointException.class)
        .hasMessage(file + ": " + name + " is not the file that it was made from");
  }

  @Test
  void belongsToAVersionOfTheProgramAPrecisionAndFiles() {
    // Given
    PreparedIdentity identity = PreparedIdentity.of(checkpoint, Precision.INT8);
    Map<String, String> metadata = SafetensorsFile.open(file).metadata();

    // Then
    assertThat(identity.difference(metadata)).isEmpty();
    assertThat(identity.difference(Map.of()))
        .hasValueSatisfying(why -> assertThat(why).contains("version no"));
    assertThat(new PreparedIdentity("0", "INT8", identity.sources()).difference(metadata))
        .hasValue("it has version 1 of prepared weights, this program version 0");
    assertThat(PreparedIdentity.of(checkpoint, Precision.FLOAT32).difference(metadata))
        .hasValue("it is for INT8, not for FLOAT32");
    assertThat(
            new PreparedIdentity("1", "INT8", identity.sources().headMap("transformers-00005"))
                .difference(metadata))
        .hasValue("the checkpoint no longer has transformers-00005-of-00007.safetensors");
    assertThat(identity.sources()).doesNotContainKey("tokenizer.json").containsKey("config.json");
  }

  @Test
  void isRefusedIfItIsShorterAtAnyPlace() throws IOException {
    // Given
    byte[] whole = Files.readAllBytes(file);
    PreparedIdentity identity = PreparedIdentity.of(checkpoint, Precision.INT8);
    for (int length = 0; length < whole.length; length += 97) {
      Files.write(file, Arrays.copyOf(whole, length));

      // Then
      assertThatThrownBy(() -> PreparedFile.open(file, identity))
          .isInstanceOf(CheckpointException.class);
    }
  }

  /** A change that is harmless, such as one of the first spaces behind it, may be accepted. */
  @Test
  void isRefusedOrReadTheSameIfAnyByteOfTheHeaderIsAnother() throws IOException {
    // Given
    byte[] whole = Files.readAllBytes(file);
    int end = new String(whole, ISO_8859_1).indexOf("}}    ") + "}}  ".length();
    PreparedIdentity identity = PreparedIdentity.of(checkpoint, Precision.INT8);
    for (int position = 0; position < end; position++) {
      whole[position] ^= 1;
      Files.write(file, whole);
      whole[position] ^= 1;

      // When
      try {
        PreparedFile opened = PreparedFile.open(file, identity);
        int begin = Math.toIntExact(opened.begin());
        ByteBuffer data = ByteBuffer.wrap(whole, begin, whole.length - begin);
        opened.requireChecksums(List.of(ChunkChecksums.of(data)));
        for (StoredTensor tensor : TENSORS) {
          StoredTensor found = opened.tensor(tensor.name());

          // Then
          assertThat(found.toString()).as("byte %d", position).isEqualTo(tensor.toString());
          assertThat(found.data()).isEqualTo(tensor.data());
        }
      } catch (CheckpointException e) {
        assertThat(e).hasMessageStartingWith(file.toString());
      }
    }
  }

  @Test
  void isNoFileOfTheCheckpointThatAPushWouldSend() {
    assertThat(CheckpointFiles.of(folder).values()).isNotEmpty().doesNotContain(file);
  }

  @Test
  void aTensorThatItDoesNotHaveIsNamed() {
    assertThatThrownBy(() -> open().tensor("matrix.3.CPU_INT8"))
        .isInstanceOf(CheckpointException.class)
        .hasMessage(file + ": it has no matrix.3.CPU_INT8, which is needed here");
  }

  @Test
  void aFailedWriteLeavesTheFileThatWasThere() throws IOException {
    // Given
    byte[] before = Files.readAllBytes(file);
    StoredTensor unreadable =
        new StoredTensor(
            PATH,
            "unreadable",
            Dtype.I8,
            new Shape(1),
            () -> {
              throw new IllegalStateException("no numbers");
            });

    // When
    PreparedWriter writer = PreparedWriter.of(file, checkpoint, Precision.INT8);
    assertThatThrownBy(() -> writer.write(List.of(TENSORS.get(0), unreadable)))
        .hasMessage("no numbers");

    // Then
    assertThat(Files.readAllBytes(file)).isEqualTo(before);
    assertThat(folder.resolve(file.getFileName() + ".partial")).doesNotExist();
  }

  @Test
  void whatAKilledProcessLeftIsReplaced() throws IOException {
    // Given
    Path partial = folder.resolve(file.getFileName() + ".partial");
    Files.write(partial, new byte[100_000]);

    // When
    PreparedWriter.of(file, checkpoint, Precision.INT8).write(TENSORS);

    // Then
    assertThat(partial).doesNotExist();
    assertThat(open().has("numbers")).isTrue();
  }

  @Test
  void aPlaceThatCannotBeWrittenIsNamed() {
    // Given
    Path nowhere = folder.resolve("config.json").resolve("file");
    PreparedWriter writer = PreparedWriter.of(nowhere, checkpoint, Precision.INT8);

    // Then
    assertThatThrownBy(() -> writer.write(TENSORS))
        .isInstanceOf(CheckpointException.class)
        .hasMessageStartingWith(nowhere + ": cannot be written: ");
  }
}
