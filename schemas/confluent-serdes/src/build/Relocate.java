import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;
import org.objectweb.asm.ClassReader;
import org.objectweb.asm.ClassWriter;
import org.objectweb.asm.Opcodes;
import org.objectweb.asm.commons.ClassRemapper;
import org.objectweb.asm.commons.Remapper;

/**
 * Makes Confluent's classes use the ordinary Jackson and Guava again. The artefact that they come from moved these libraries to other packages, where no scanner finds them and no update reaches them. Run by Maven from source: {@code java Relocate.java FOLDER}; a second run changes nothing.
 */
public final class Relocate {
  private static final String HIDDEN = "org/apache/pinot/shaded/";
  private static final String HIDDEN_SERVICES = "org.apache.pinot.";

  private static final Remapper BACK =
      new Remapper(Opcodes.ASM9) {
        @Override
        public String map(String name) {
          return name.startsWith(HIDDEN) ? name.substring(HIDDEN.length()) : name;
        }
      };

  public static void main(String[] arguments) throws IOException {
    Path folder = Path.of(arguments[0]);
    delete(folder.resolve("org/apache/pinot"));
    for (Path service : files(folder.resolve("META-INF/services"))) {
      if (service.getFileName().toString().startsWith(HIDDEN_SERVICES)) {
        Files.delete(service);
      }
    }
    for (Path file : files(folder.resolve("io/confluent"))) {
      if (file.toString().endsWith(".class")) {
        relocate(file);
      }
    }
  }

  private static void relocate(Path file) throws IOException {
    byte[] before = Files.readAllBytes(file);
    if (!isHidden(before)) {
      return;
    }
    ClassWriter writer = new ClassWriter(0);
    new ClassReader(before).accept(new ClassRemapper(writer, BACK), 0);
    byte[] after = writer.toByteArray();
    if (isHidden(after)) {
      throw new IOException(file + " still names the hidden libraries: " + HIDDEN);
    }
    Files.write(file, after);
  }

  private static boolean isHidden(byte[] bytes) {
    String text = new String(bytes, StandardCharsets.ISO_8859_1);
    return text.contains(HIDDEN) || text.contains(HIDDEN.replace('/', '.'));
  }

  private static List<Path> files(Path folder) throws IOException {
    if (!Files.exists(folder)) {
      return List.of();
    }
    try (Stream<Path> below = Files.walk(folder)) {
      return below.filter(Files::isRegularFile).toList();
    }
  }

  private static void delete(Path folder) throws IOException {
    if (Files.exists(folder)) {
      try (Stream<Path> below = Files.walk(folder)) {
        for (Path path : below.sorted(Comparator.reverseOrder()).toList()) {
          Files.delete(path);
        }
      }
    }
  }
}
