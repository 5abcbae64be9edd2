package dev.utter.speech.torch;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.zip.CRC32;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;

/**
 * Packs TorchScript source into the zip that libtorch loads modules from: the source as it is, and
 * a pickled object of its class whose attributes hold empty values.
 */
final class ProgramArchive {

  private static final Pattern CLASS = Pattern.compile("^class (\\w+)\\(Module\\):\\s*$");
  private static final Pattern ATTRIBUTE = Pattern.compile("^  (\\w+) ?: ?([^#=]+?)\\s*(#.*)?$");

  /**
   * The newest file format libtorch 2.7 writes; older ones would run operators of old semantics.
   */
  private static final String FORMAT_VERSION = "10\n";

  private static final byte[] EMPTY_TUPLE = {(byte) 0x80, 2, ')', '.'};

  private ProgramArchive() {}

  /**
   * @param source TorchScript with exactly one class derived from {@code Module}
   * @param functions sources of functions it calls as {@code __torch__.NAME.function}, by NAME
   * @throws IllegalArgumentException if the source has no such class or an attribute of a type that
   *     has no empty value
   */
  static byte[] pack(String source, Map<String, String> functions) {
    String name = null;
    Map<String, String> attributes = new LinkedHashMap<>();
    for (String line : source.split("\n")) {
      Matcher header = CLASS.matcher(line);
      Matcher attribute = ATTRIBUTE.matcher(line);
      if (name == null && header.matches()) {
        name = header.group(1);
      } else if (name != null && line.startsWith("  def ")) {
        break;
      } else if (name != null && attribute.matches()) {
        attributes.put(attribute.group(1), attribute.group(2));
      }
    }
    if (name == null) {
      throw new IllegalArgumentException("no line 'class NAME(Module):' in the source");
    }
    if (!attributes.containsKey("training")) {
      throw new IllegalArgumentException(
          "class " + name + " lacks the attribute 'training : bool'");
    }
    return zip(source, functions, new EmptyModulePickle(name, attributes).bytes());
  }

  private static byte[] zip(String source, Map<String, String> functions, byte[] data) {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (ZipOutputStream zip = new ZipOutputStream(bytes)) {
      store(zip, "data.pkl", data);
      store(zip, "code/__torch__.py", source.getBytes(StandardCharsets.UTF_8));
      for (Map.Entry<String, String> file : functions.entrySet()) {
        store(
            zip,
            "code/__torch__/" + file.getKey() + ".py",
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
