package dev.utter.speech.checkpoint.tensor;

import ai.djl.ndarray.types.Shape;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.utter.speech.failure.CheckpointException;
import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * Reads one safetensors file: eight bytes of header length, a JSON header, then the tensors' bytes
 * without gaps. Every offset is checked before anything is mapped. Format: <a
 * href="https://github.com/huggingface/safetensors#format">safetensors</a>.
 */
public final class SafetensorsFile {

  /** The format's own limit, which keeps a damaged length from asking for gigabytes of memory. */
  private static final long MAX_HEADER_BYTES = 100_000_000;

  /** Key of the entries that are no tensors. */
  static final String METADATA = "__metadata__";

  private static final ObjectMapper JSON =
      new ObjectMapper().enable(JsonParser.Feature.STRICT_DUPLICATE_DETECTION);

  private record Extent(String name, Dtype dtype, Shape shape, long begin, long end) {}

  private final Path file;
  private final JsonNode header;
  private final long dataStart;
  private final long size;

  private SafetensorsFile(Path file, JsonNode header, long dataStart, long size) {
    this.file = file;
    this.header = header;
    this.dataStart = dataStart;
    this.size = size;
  }

  /**
   * Reads and checks the header.
   *
   * @return the tensors by name, in the order of the file
   * @throws CheckpointException if the file is missing, truncated or malformed
   */
  public static Map<String, StoredTensor> read(Path file) {
    return open(file).tensors();
  }

  /**
   * Reads the header; {@link #tensors} checks it.
   *
   * @throws CheckpointException if the file is missing, or its header is truncated or not JSON
   */
  public static SafetensorsFile open(Path file) {
    try (FileChannel channel = FileChannel.open(file, StandardOpenOption.READ)) {
      long size = channel.size();
      long headerBytes = headerLength(file, channel, size);
      return new SafetensorsFile(
          file, header(file, channel, headerBytes), Long.BYTES + headerBytes, size);
    } catch (NoSuchFileException e) {
      throw new CheckpointException(file + ": no such file", e);
    } catch (IOException e) {
      throw new CheckpointException(file + ": cannot be read: " + e.getMessage(), e);
    }
  }

  /** The entries of the header that are no tensors. */
  public Map<String, String> metadata() {
    Map<String, String> metadata = new LinkedHashMap<>();
    header
        .path(METADATA)
        .properties()
        .forEach(each -> metadata.put(each.getKey(), each.getValue().asText()));
    return metadata;
  }

  /**
   * The tensors by name, in the order of the file.
   *
   * @throws CheckpointException if the file is truncated or malformed
   */
  public Map<String, StoredTensor> tensors() {
    Map<String, StoredTensor> tensors = new LinkedHashMap<>();
    for (Extent extent : extents()) {
      long position = dataStart + extent.begin();
      long length = extent.end() - extent.begin();
      tensors.put(
          extent.name(),
          new StoredTensor(
              file,
              extent.name(),
              extent.dtype(),
              extent.shape(),
              new FileElements(file, extent.name(), position, length)));
    }
    return tensors;
  }

  private static long headerLength(Path file, FileChannel channel, long size) throws IOException {
    if (size < Long.BYTES) {
      throw wrongHeader(file, "a length in the first 8 bytes", "a file of " + size + " bytes");
    }
    long length = read(channel, 0, Long.BYTES).getLong();
    if (length < 0 || length > MAX_HEADER_BYTES) {
      throw wrongHeader(
          file,
          "a length of at most " + MAX_HEADER_BYTES + " bytes",
          Long.toUnsignedString(length));
    }
    if (length > size - Long.BYTES) {
      throw wrongHeader(file, length + " bytes", "a file of " + size + " bytes, truncated");
    }
    return length;
  }

  private static JsonNode header(Path file, FileChannel channel, long length) throws IOException {
    byte[] bytes = read(channel, Long.BYTES, Math.toIntExact(length)).array();
    JsonNode header;
    try {
      header = JSON.readTree(bytes);
    } catch (JsonProcessingException e) {
      throw new CheckpointException(file + ": header is not JSON: " + e.getOriginalMessage(), e);
    }
    if (header == null || !header.isObject()) {
      throw wrongHeader(file, "a JSON object", header == null ? "nothing" : kind(header));
    }
    return header;
  }

  private List<Extent> extents() {
    long dataBytes = size - dataStart;
    List<Extent> extents = new ArrayList<>();
    for (Map.Entry<String, JsonNode> entry : header.properties()) {
      if (!entry.getKey().equals(METADATA)) {
        extents.add(extent(entry.getKey(), entry.getValue()));
      }
    }
    extents.sort(Comparator.comparingLong(Extent::begin).thenComparingLong(Extent::end));
    long expected = 0;
    for (Extent extent : extents) {
      if (extent.begin() != expected) {
        throw wrong(
            extent.name(),
            "data from offset " + expected + ", where the tensor before it ends",
            "offset " + extent.begin());
      }
      if (extent.end() > dataBytes) {
        throw wrong(
            extent.name(),
            "data up to offset " + extent.end(),
            dataBytes + " bytes of data, file truncated");
      }
      expected = extent.end();
    }
    if (expected != dataBytes) {
      throw wrongHeader(
          file, "tensors that fill " + dataBytes + " bytes of data", expected + " bytes");
    }
    return extents;
  }

  private Extent extent(String name, JsonNode entry) {
    String dtypeName = entry.path("dtype").asText();
    Dtype dtype =
        Dtype.named(dtypeName)
            .orElseThrow(
                () ->
                    wrong(
                        name,
                        "dtype one of " + List.of(Dtype.values()),
                        dtypeName.isEmpty() ? "none" : dtypeName));
    long[] dimensions = naturals(name, "shape", entry.path("shape"));
    long[] offsets = naturals(name, "data_offsets", entry.path("data_offsets"));
    if (offsets.length != 2 || offsets[0] > offsets[1]) {
      throw wrong(name, "data_offsets [begin, end]", entry.path("data_offsets").toString());
    }
    long bytes = dtype.bytes();
    try {
      for (long dimension : dimensions) {
        bytes = Math.multiplyExact(bytes, dimension);
      }
    } catch (ArithmeticException e) {
      throw wrong(name, "fewer than 2^63 bytes", new Shape(dimensions));
    }
    if (offsets[1] - offsets[0] != bytes) {
      throw wrong(
          name,
          bytes + " bytes for " + dtype + new Shape(dimensions),
          offsets[1] - offsets[0] + " bytes");
    }
    return new Extent(name, dtype, new Shape(dimensions), offsets[0], offsets[1]);
  }

  private long[] naturals(String name, String field, JsonNode node) {
    if (!node.isArray()) {
      throw wrong(name, field + " as an array", kind(node));
    }
    long[] values = new long[node.size()];
    for (int i = 0; i < values.length; i++) {
      JsonNode value = node.get(i);
      if (!value.isIntegralNumber() || !value.canConvertToLong() || value.longValue() < 0) {
        throw wrong(name, field + " of whole numbers from 0", value.toString());
      }
      values[i] = value.longValue();
    }
    return values;
  }

  private static ByteBuffer read(FileChannel channel, long position, int length)
      throws IOException {
    ByteBuffer buffer = ByteBuffer.allocate(length).order(ByteOrder.LITTLE_ENDIAN);
    while (buffer.hasRemaining()) {
      if (channel.read(buffer, position + buffer.position()) < 0) {
        throw new EOFException("file ended at byte " + (position + buffer.position()));
      }
    }
    return buffer.flip();
  }

  private static String kind(JsonNode node) {
    return node.getNodeType().toString().toLowerCase(Locale.ROOT);
  }

  private static CheckpointException wrongHeader(Path file, Object expected, Object found) {
    return new CheckpointException(file + ": header: expected " + expected + ", found " + found);
  }

  private CheckpointException wrong(String tensor, Object expected, Object found) {
    return CheckpointException.tensor(file, tensor, expected, found);
  }
}
