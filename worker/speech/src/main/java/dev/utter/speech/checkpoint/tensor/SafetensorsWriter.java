package dev.utter.speech.checkpoint.tensor;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.channels.WritableByteChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Collection;
import java.util.Map;

/** Writes safetensors files, holding no more than a part of one tensor in memory. */
public final class SafetensorsWriter {

  /** Alignment of the first tensor in bytes, enough for every element type. */
  private static final int ALIGNMENT = 8;

  private SafetensorsWriter() {}

  /**
   * Writes tensors one after the other into a file that must not exist.
   *
   * @throws IOException if it exists or cannot be written; a partly written file is not deleted
   */
  public static void write(Path file, Collection<StoredTensor> tensors) throws IOException {
    write(file, tensors, Map.of());
  }

  /**
   * As {@link #write(Path, Collection)}, with entries of the header that are no tensors.
   *
   * @throws IOException if the file exists or cannot be written; a partly written file is not
   *     deleted
   */
  public static void write(
      Path file, Collection<StoredTensor> tensors, Map<String, String> metadata)
      throws IOException {
    try (FileChannel channel =
        FileChannel.open(file, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE)) {
      write(channel, tensors, metadata, ALIGNMENT);
    }
  }

  /**
   * Writes a whole file into a channel.
   *
   * @param alignment the first tensor begins at a multiple of this power of two, in bytes
   * @throws IOException if it cannot be written
   */
  public static void write(
      WritableByteChannel channel,
      Collection<StoredTensor> tensors,
      Map<String, String> metadata,
      int alignment)
      throws IOException {
    ByteBuffer header = header(tensors, metadata, alignment);
    while (header.hasRemaining()) {
      channel.write(header);
    }
    writeElements(channel, tensors);
  }

  /**
   * Writes what follows the header of a file.
   *
   * @throws IOException if it cannot be written
   */
  public static void writeElements(WritableByteChannel channel, Collection<StoredTensor> tensors)
      throws IOException {
    for (StoredTensor tensor : tensors) {
      tensor.writeTo(channel);
    }
  }

  /** Size of the file that {@link #write(Path, Collection, Map)} writes, in bytes. */
  public static long bytes(Collection<StoredTensor> tensors, Map<String, String> metadata) {
    return header(tensors, metadata, ALIGNMENT).remaining()
        + tensors.stream().mapToLong(StoredTensor::bytes).sum();
  }

  private static ByteBuffer header(
      Collection<StoredTensor> tensors, Map<String, String> metadata, int alignment) {
    ObjectNode header = JsonNodeFactory.instance.objectNode();
    if (!metadata.isEmpty()) {
      metadata.forEach(header.putObject(SafetensorsFile.METADATA)::put);
    }
    long offset = 0;
    for (StoredTensor tensor : tensors) {
      ObjectNode entry = header.putObject(tensor.name());
      entry.put("dtype", tensor.dtype().name());
      ArrayNode shape = entry.putArray("shape");
      for (long size : tensor.shape().getShape()) {
        shape.add(size);
      }
      entry.putArray("data_offsets").add(offset).add(offset + tensor.bytes());
      offset += tensor.bytes();
    }
    byte[] json = header.toString().getBytes(StandardCharsets.UTF_8);
    int padding = -(Long.BYTES + json.length) & (alignment - 1);
    ByteBuffer bytes =
        ByteBuffer.allocate(Long.BYTES + json.length + padding).order(ByteOrder.LITTLE_ENDIAN);
    bytes.putLong(json.length + padding).put(json);
    bytes.put(" ".repeat(padding).getBytes(StandardCharsets.UTF_8));
    return bytes.flip();
  }
}
