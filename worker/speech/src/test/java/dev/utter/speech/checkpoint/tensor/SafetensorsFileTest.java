package dev.utter.speech.checkpoint.tensor;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.djl.ndarray.types.Shape;
import dev.utter.speech.failure.CheckpointException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Arrays;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

class SafetensorsFileTest {

  private static final String ONE_FLOAT =
      "{\"w\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[0,4]}}";

  @TempDir private Path directory;

  @ParameterizedTest
  @EnumSource(Dtype.class)
  void readsEveryElementType(Dtype dtype) throws IOException {
    // Given
    byte[] data = new byte[6 * dtype.bytes()];
    for (int i = 0; i < data.length; i++) {
      data[i] = (byte) (i + 1);
    }
    String header =
        "{\"__metadata__\":{\"format\":\"pt\"},\"w\":{\"dtype\":\"%s\",\"shape\":[2,3],\"data_offsets\":[0,%d]}}"
            .formatted(dtype, data.length);

    // When
    StoredTensor tensor = write(header, data).get("w");

    // Then
    assertThat(tensor.dtype()).isEqualTo(dtype);
    assertThat(tensor.shape()).isEqualTo(new Shape(2, 3));
    assertThat(tensor.bytes()).isEqualTo(data.length);
    assertThat(tensor.data()).isEqualTo(ByteBuffer.wrap(data));
  }

  @Test
  void readsScalarsAndEmptyTensors() throws IOException {
    // Given
    String header =
        """
        {"empty":{"dtype":"F32","shape":[0,7],"data_offsets":[0,0]},
         "scalar":{"dtype":"I64","shape":[],"data_offsets":[0,8]}}""";

    // When
    Map<String, StoredTensor> tensors = write(header, new byte[] {5, 0, 0, 0, 0, 0, 0, 0});

    // Then
    assertThat(tensors.get("empty").data().remaining()).isZero();
    assertThat(tensors.get("scalar").data().getLong()).isEqualTo(5);
  }

  @Test
  void mapsTensorsBeyondTwoGigabytes() throws IOException {
    // Given: a sparse file whose second tensor begins behind 3 GB
    long begin = 3_000_000_000L;
    String header =
        "{\"a\":{\"dtype\":\"U8\",\"shape\":[%d],\"data_offsets\":[0,%d]},\"b\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[%d,%d]}}"
            .formatted(begin, begin, begin, begin + 4);
    Path file = directory.resolve("large.safetensors");
    write(file, header, new byte[0]);
    try (FileChannel channel =
        FileChannel.open(file, StandardOpenOption.WRITE, StandardOpenOption.SPARSE)) {
      ByteBuffer value = ByteBuffer.allocate(4).order(ByteOrder.LITTLE_ENDIAN).putFloat(0, 1.5f);
      channel.write(value, channel.size() + begin);
    }

    // When
    Map<String, StoredTensor> tensors = SafetensorsFile.read(file);

    // Then
    assertThat(tensors.get("b").data().getFloat()).isEqualTo(1.5f);
    assertThatThrownBy(() -> tensors.get("a").data())
        .isInstanceOf(CheckpointException.class)
        .hasMessage(
            file
                + ": tensor a: expected a tensor of at most 2147483647 bytes, found 3000000000 bytes");
  }

  @Test
  void refusesAFileThatIsNotThere() {
    Path file = directory.resolve("absent.safetensors");

    assertThatThrownBy(() -> SafetensorsFile.read(file))
        .isInstanceOf(CheckpointException.class)
        .hasMessage(file + ": no such file");
  }

  @Test
  void refusesAFileTruncatedInItsData() throws IOException {
    // Given
    Path file = directory.resolve("cut.safetensors");
    write(file, ONE_FLOAT, new byte[3]);

    // Then
    assertRefused(
        file, "tensor w: expected data up to offset 4, found 3 bytes of data, file truncated");
  }

  @Test
  void refusesAFileTruncatedInItsHeader() throws IOException {
    // Given
    Path file = directory.resolve("cut.safetensors");
    write(file, ONE_FLOAT, new byte[4]);
    byte[] bytes = Files.readAllBytes(file);
    Files.write(file, Arrays.copyOf(bytes, 20));

    // Then
    assertRefused(file, "header: expected 54 bytes, found a file of 20 bytes, truncated");
  }

  @Test
  void refusesAFileShorterThanItsHeaderLength() throws IOException {
    // Given
    Path file = directory.resolve("cut.safetensors");
    Files.write(file, new byte[7]);

    // Then
    assertRefused(file, "header: expected a length in the first 8 bytes, found a file of 7 bytes");
  }

  @Test
  void refusesAnAbsurdHeaderLength() throws IOException {
    // Given
    Path file = directory.resolve("text.safetensors");
    Files.writeString(file, "This is not a safetensors file.");

    // Then
    assertRefused(file, "header: expected a length of at most 100000000 bytes");
  }

  @Test
  void refusesDataThatNoTensorOwns() throws IOException {
    // Given
    Path file = directory.resolve("long.safetensors");
    write(file, ONE_FLOAT, new byte[6]);

    // Then
    assertRefused(file, "header: expected tensors that fill 6 bytes of data, found 4 bytes");
  }

  @Test
  void noticesAFileThatShrankAfterItWasRead() throws IOException {
    // Given
    Path file = directory.resolve("shrinking.safetensors");
    write(file, ONE_FLOAT, new byte[4]);
    StoredTensor tensor = SafetensorsFile.read(file).get("w");
    Files.write(file, Arrays.copyOf(Files.readAllBytes(file), 60));

    // Then
    assertThatThrownBy(tensor::data)
        .isInstanceOf(CheckpointException.class)
        .hasMessageContaining("tensor w: expected a file of at least");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "not json | header is not JSON",
        "[] | header: expected a JSON object, found array",
        "{\"w\":1} | tensor w: expected dtype one of",
        "{\"w\":{\"dtype\":\"F8_E4M3\",\"shape\":[4],\"data_offsets\":[0,4]}} | found F8_E4M3",
        "{\"w\":{\"dtype\":\"F32\",\"data_offsets\":[0,4]}} | tensor w: expected shape as an array",
        "{\"w\":{\"dtype\":\"F32\",\"shape\":[-1],\"data_offsets\":[0,4]}} | tensor w: expected shape of whole numbers from 0, found -1",
        "{\"w\":{\"dtype\":\"F32\",\"shape\":[1.5],\"data_offsets\":[0,4]}} | tensor w: expected shape of whole numbers from 0, found 1.5",
        "{\"w\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[4,0]}} | tensor w: expected data_offsets [begin, end], found [4,0]",
        "{\"w\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[0]}} | tensor w: expected data_offsets [begin, end], found [0]",
        "{\"w\":{\"dtype\":\"F32\",\"shape\":[2],\"data_offsets\":[0,4]}} | tensor w: expected 8 bytes for F32(2), found 4 bytes",
        "{\"w\":{\"dtype\":\"F32\",\"shape\":[4294967296,4294967296],\"data_offsets\":[0,4]}} | tensor w: expected fewer than 2^63 bytes",
        "{\"w\":{\"dtype\":\"U8\",\"shape\":[2],\"data_offsets\":[2,4]}} | tensor w: expected data from offset 0",
        "{\"v\":{\"dtype\":\"U8\",\"shape\":[3],\"data_offsets\":[0,3]},\"w\":{\"dtype\":\"U8\",\"shape\":[2],\"data_offsets\":[2,4]}} | tensor w: expected data from offset 3, where the tensor before it ends, found offset 2",
        "{\"w\":{\"dtype\":\"U8\",\"shape\":[4],\"data_offsets\":[0,4]},\"w\":{\"dtype\":\"U8\",\"shape\":[4],\"data_offsets\":[0,4]}} | header is not JSON: Duplicate field 'w'",
      })
  void refusesAMalformedHeader(String header, String message) throws IOException {
    // Given
    Path file = directory.resolve("malformed.safetensors");
    write(file, header, new byte[4]);

    // Then
    assertRefused(file, message);
  }

  private Map<String, StoredTensor> write(String header, byte[] data) throws IOException {
    Path file = directory.resolve("test.safetensors");
    write(file, header, data);
    return SafetensorsFile.read(file);
  }

  private static void assertRefused(Path file, String message) {
    assertThatThrownBy(() -> SafetensorsFile.read(file))
        .isInstanceOf(CheckpointException.class)
        .hasMessageStartingWith(file.toString())
        .hasMessageContaining(message);
  }

  private static void write(Path file, String header, byte[] data) throws IOException {
    byte[] json = header.getBytes(StandardCharsets.UTF_8);
    ByteBuffer bytes =
        ByteBuffer.allocate(Long.BYTES + json.length + data.length).order(ByteOrder.LITTLE_ENDIAN);
    Files.write(file, bytes.putLong(json.length).put(json).put(data).array());
  }
}
