import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Comparator;
import java.util.HexFormat;
import java.util.List;
import java.util.stream.Stream;

/**
 * Deletes generated sources if their inputs have changed. Avro's plug-in generates a record again only if the record's own
 * file is newer, not if a file that it uses is newer. Generating all records in each build would compile every module again.
 *
 * <p>Arguments: the folder of the generated sources, the file with the digest of the last inputs, the inputs.
 */
final class CleanWhenChanged {
  private CleanWhenChanged() {}

  public static void main(String[] arguments) throws IOException, NoSuchAlgorithmException {
    Path generated = Path.of(arguments[0]);
    Path remembered = Path.of(arguments[1]);
    String digest = digest(Stream.of(arguments).skip(2).map(Path::of).toList());
    if (Files.exists(remembered) && Files.readString(remembered).equals(digest)) {
      return;
    }
    delete(generated);
    Files.createDirectories(remembered.getParent());
    Files.writeString(remembered, digest);
  }

  private static String digest(List<Path> inputs) throws IOException, NoSuchAlgorithmException {
    MessageDigest sha256 = MessageDigest.getInstance("SHA-256");
    for (Path input : inputs) {
      for (Path file : files(input)) {
        byte[] bytes = Files.readAllBytes(file);
        sha256.update((input.relativize(file) + " " + bytes.length + "\n").getBytes(StandardCharsets.UTF_8));
        sha256.update(bytes);
      }
    }
    return HexFormat.of().formatHex(sha256.digest());
  }

  private static List<Path> files(Path input) throws IOException {
    try (Stream<Path> below = Files.walk(input)) {
      return below.filter(Files::isRegularFile).sorted().toList();
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
