package dev.utter.speech.checkpoint.tensor;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.zip.CRC32;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;

/** Builds torch zip checkpoints opcode by opcode, honest or hostile. */
public final class TorchFile {
  private final Map<String, byte[]> records = new LinkedHashMap<>();
  private final ByteArrayOutputStream pickle = new ByteArrayOutputStream();
  private boolean compressed;

  public TorchFile() {
    ops(0x80, 2);
  }

  public TorchFile ops(int... bytes) {
    for (int b : bytes) {
      pickle.write(b);
    }
    return this;
  }

  public TorchFile ops(String opcodes) {
    pickle.writeBytes(opcodes.getBytes(StandardCharsets.ISO_8859_1));
    return this;
  }

  public TorchFile global(String module, String name) {
    return ops("c" + module + "\n" + name + "\n");
  }

  public TorchFile text(String value) {
    ops("X").integerBytes(value.length());
    return ops(value);
  }

  public TorchFile integer(int value) {
    return ops("J").integerBytes(value);
  }

  public TorchFile tuple(int... values) {
    ops("(");
    for (int value : values) {
      integer(value);
    }
    return ops("t");
  }

  /** Pushes a float tensor. */
  public TorchFile tensor(String key, int elements, int offset, int[] shape, int[] strides) {
    global("torch._utils", "_rebuild_tensor_v2").ops("((");
    text("storage").global("torch", "FloatStorage").text(key).text("cpu").integer(elements);
    ops("tQ").integer(offset).tuple(shape).tuple(strides).ops(0x89);
    return global("collections", "OrderedDict").ops(")RtR");
  }

  public TorchFile floats(String key, float... values) {
    ByteBuffer bytes = ByteBuffer.allocate(4 * values.length).order(ByteOrder.LITTLE_ENDIAN);
    bytes.asFloatBuffer().put(values);
    return record("data/" + key, bytes.array());
  }

  public TorchFile record(String name, byte[] content) {
    records.put(name, content);
    return this;
  }

  public TorchFile compressed() {
    compressed = true;
    return this;
  }

  public Path write(Path file) {
    try (ZipOutputStream zip = new ZipOutputStream(Files.newOutputStream(file))) {
      put(zip, "data.pkl", pickle.toByteArray());
      for (Map.Entry<String, byte[]> record : records.entrySet()) {
        put(zip, record.getKey(), record.getValue());
      }
      return file;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private void put(ZipOutputStream zip, String name, byte[] content) throws IOException {
    ZipEntry entry = new ZipEntry("archive/" + name);
    if (!compressed) {
      CRC32 crc = new CRC32();
      crc.update(content);
      entry.setMethod(ZipEntry.STORED);
      entry.setSize(content.length);
      entry.setCrc(crc.getValue());
    }
    zip.putNextEntry(entry);
    zip.write(content);
    zip.closeEntry();
  }

  private TorchFile integerBytes(int value) {
    return ops(value & 0xFF, value >> 8 & 0xFF, value >> 16 & 0xFF, value >>> 24);
  }
}
