package dev.utter.worker.models;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.utter.speech.digest.Sha256;
import dev.utter.speech.hub.listing.HubFile;
import dev.utter.worker.rules.Excerpt;
import dev.utter.worker.rules.ObjectNames;
import dev.utter.worker.rules.UnicodeText;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;

/**
 * The files of a model: what makes a prefix of the store a model.
 *
 * @param entries the files, by path
 */
public record ModelManifest(List<Entry> entries) {
  /** Largest manifest that is read, in bytes. */
  static final int MAX_BYTES = 1 << 20;

  private static final int MAX_FILES = 1000;
  private static final int MAX_PATH_CHARS = 200;
  private static final int VERSION = 1;
  private static final String VERSION_FIELD = "utterModel";
  private static final String FILES = "files";
  private static final String PATH = "path";
  private static final String BYTES = "bytes";
  private static final String SHA_256 = "sha256";
  private static final Pattern DIGEST = Pattern.compile("[0-9a-f]{64}");

  private static final ObjectMapper JSON =
      new ObjectMapper().enable(JsonParser.Feature.STRICT_DUPLICATE_DETECTION);

  /**
   * A file of a model.
   *
   * @param path its name below the model's folder, parts separated by {@code /}
   * @param bytes its size
   * @param sha256 checksum of its content, in hexadecimal
   */
  public record Entry(String path, long bytes, String sha256) {
    /**
     * Checks that the path does not lead out of the folder, and that size and checksum are ones.
     */
    public Entry {
      ObjectNames.keyDefect(path)
          .ifPresent(
              defect -> {
                throw new IllegalArgumentException(
                    "the path " + Excerpt.of(path) + " is no name of a file: " + defect);
              });
      if (path.length() > MAX_PATH_CHARS
          || path.indexOf(':') >= 0
          || !UnicodeText.visible(path).equals(path)) {
        throw new IllegalArgumentException(
            "the path "
                + Excerpt.of(path)
                + " is no name of a file: it has a colon, hidden characters, or more than 200"
                + " characters");
      }
      if (bytes < 0) {
        throw new IllegalArgumentException(path + " has a size of " + bytes);
      }
      if (!DIGEST.matcher(sha256).matches()) {
        throw new IllegalArgumentException(path + " has no SHA-256");
      }
    }

    /** The file as progress is reported of it. */
    HubFile file() {
      return new HubFile(path, bytes, sha256);
    }
  }

  /** Sorts the files, and checks that no two are at the same place. */
  public ModelManifest {
    entries = entries.stream().sorted(Comparator.comparing(Entry::path)).toList();
    if (entries.isEmpty() || entries.size() > MAX_FILES) {
      throw new IllegalArgumentException(
          "it lists " + entries.size() + " files, must list 1 to " + MAX_FILES);
    }
    Set<String> taken = new TreeSet<>(String.CASE_INSENSITIVE_ORDER);
    Set<String> folders = new TreeSet<>(String.CASE_INSENSITIVE_ORDER);
    for (Entry entry : entries) {
      if (!taken.add(entry.path())) {
        throw new IllegalArgumentException("it lists " + entry.path() + " twice");
      }
      String path = entry.path();
      for (int slash = path.indexOf('/'); slash > 0; slash = path.indexOf('/', slash + 1)) {
        folders.add(path.substring(0, slash));
      }
    }
    folders.stream()
        .filter(taken::contains)
        .findFirst()
        .ifPresent(
            both -> {
              throw new IllegalArgumentException("it lists " + both + " as file and as folder");
            });
    sum(entries);
  }

  private static long sum(List<Entry> entries) {
    try {
      return entries.stream().mapToLong(Entry::bytes).reduce(0, Math::addExact);
    } catch (ArithmeticException e) {
      throw new IllegalArgumentException("its sizes add up to more than a number holds", e);
    }
  }

  /**
   * Reads what {@link #toJson} writes.
   *
   * @throws IllegalArgumentException with what is wrong
   */
  static ModelManifest parse(byte[] json) {
    JsonNode root;
    try {
      root = JSON.readTree(json);
    } catch (JsonProcessingException e) {
      throw new IllegalArgumentException("it is not JSON", e);
    } catch (IOException e) {
      throw new IllegalArgumentException("it cannot be read", e);
    }
    if (root == null || !root.isObject() || !root.path(VERSION_FIELD).isInt()) {
      throw new IllegalArgumentException("it is no manifest of a model");
    }
    int version = root.path(VERSION_FIELD).intValue();
    if (version != VERSION) {
      throw new IllegalArgumentException(
          "it is of version " + version + ", this program reads version " + VERSION);
    }
    List<Entry> entries = new ArrayList<>();
    for (JsonNode file : root.path(FILES)) {
      JsonNode bytes = file.path(BYTES);
      if (!file.path(PATH).isTextual()
          || !bytes.isIntegralNumber()
          || !bytes.canConvertToLong()
          || !file.path(SHA_256).isTextual()) {
        throw new IllegalArgumentException("it has a file without path, bytes or sha256");
      }
      entries.add(
          new Entry(
              file.path(PATH).textValue(), bytes.longValue(), file.path(SHA_256).textValue()));
    }
    return new ModelManifest(entries);
  }

  /** The object's content; the same for the same files. */
  byte[] toJson() {
    ObjectNode root = JsonNodeFactory.instance.objectNode();
    root.put(VERSION_FIELD, VERSION);
    ArrayNode files = root.putArray(FILES);
    for (Entry entry : entries) {
      files
          .addObject()
          .put(PATH, entry.path())
          .put(BYTES, entry.bytes())
          .put(SHA_256, entry.sha256());
    }
    return (root.toPrettyString() + "\n").getBytes(UTF_8);
  }

  /** Checksum of all that it says. */
  String digest() {
    return Sha256.hex(toJson());
  }

  /** Size of all files, in bytes. */
  public long bytes() {
    return sum(entries);
  }

  /** Whether a folder has all files with the right sizes. */
  boolean isIn(Path folder) {
    return entries.stream().allMatch(entry -> hasSize(folder.resolve(entry.path()), entry.bytes()));
  }

  private static boolean hasSize(Path file, long bytes) {
    try {
      return Files.isRegularFile(file) && Files.size(file) == bytes;
    } catch (IOException e) {
      return false;
    }
  }
}
