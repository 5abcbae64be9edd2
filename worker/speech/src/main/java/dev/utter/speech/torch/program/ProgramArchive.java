package dev.utter.speech.torch.program;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.zip.CRC32;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;

/**
 * Packs TorchScript source into the zip that libtorch loads modules from: the source as it is, and
 * a pickled object of its class whose attributes hold empty values.
 */
public final class ProgramArchive {

  /**
   * The newest file format libtorch 2.7 writes; older ones would run operators of old semantics.
   */
  private static final String FORMAT_VERSION = "10\n";

  private static final byte[] EMPTY_TUPLE = {(byte) 0x80, 2, ')', '.'};

  private ProgramArchive() {}

  /**
   * @param sources a class derived from {@code Module}, and the files it refers to
   * @throws IllegalArgumentException if a source lacks its class, or an attribute is of a type that
   *     has no empty value
   */
  public static byte[] pack(ProgramSources sources) {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (ZipOutputStream zip = new ZipOutputStream(bytes)) {
      store(zip, "data.pkl", new EmptyModulePickle(sources).bytes());
      store(zip, "code/__torch__.py", sources.main().getBytes(StandardCharsets.UTF_8));
      for (Map.Entry<String, String> file : sources.files().entrySet()) {
        store(
            zip,
            "code/__torch__/" + file.getKey().replace('.', '/') + ".py",
            file.getValue().getBytes(StandardCharsets.UTF_8));
      }
      store(zip, "data/0", new byte[0]);
      store(zip, "constants.pkl", EMPTY_TUPLE);
      store(zip, "byteorder", "little".getBytes(StandardCharsets.US_ASCII));
      store(zip, "version", FORMAT_VERSION.getBytes(StandardCharsets.US_ASCII));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return bytes.toByteArray();
  }

  private static void store(ZipOutputStream zip, String name, byte[] content) throws IOException {
    CRC32 crc = new CRC32();
    crc.update(content);
    ZipEntry entry = new ZipEntry("program/" + name);
    entry.setMethod(ZipEntry.STORED);
    entry.setSize(content.length);
    entry.setCrc(crc.getValue());
    zip.putNextEntry(entry);
    zip.write(content);
    zip.closeEntry();
  }
}
