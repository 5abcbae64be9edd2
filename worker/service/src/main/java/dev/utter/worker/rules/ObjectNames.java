package dev.utter.worker.rules;

import java.nio.charset.StandardCharsets;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * Rules for bucket names, object keys and key prefixes: S3's own, and nothing that a path, a log
 * line or another store could misread. Each method says what is wrong, if anything.
 */
public final class ObjectNames {
  private static final Pattern BUCKET = Pattern.compile("[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]");
  private static final Pattern ADDRESS = Pattern.compile("\\d+\\.\\d+\\.\\d+\\.\\d+");
  private static final Pattern VERSION = Pattern.compile("[\\x21-\\x7e]{1,256}");
  private static final int MAX_KEY_BYTES = 1024;

  /** Leaves room for a slash, an id of 128 and an extension. */
  private static final int MAX_PREFIX_BYTES = 512;

  private ObjectNames() {}

  /** What is wrong with a bucket name. */
  public static Optional<String> bucketDefect(String bucket) {
    if (!BUCKET.matcher(bucket).matches() || bucket.contains("..")) {
      return Optional.of(
          "a bucket name is 3 to 63 of a-z 0-9 . -, with a letter or digit at both ends and no two"
              + " dots together");
    }
    return ADDRESS.matcher(bucket).matches()
        ? Optional.of("a bucket name must not look like an address")
        : Optional.empty();
  }

  /** What is wrong with an object key. */
  public static Optional<String> keyDefect(String key) {
    return pathDefect(key, "an object key", MAX_KEY_BYTES);
  }

  /** What is wrong with a key prefix. */
  public static Optional<String> prefixDefect(String prefix) {
    return pathDefect(prefix, "a prefix", MAX_PREFIX_BYTES);
  }

  /** What is wrong with an object's version id. */
  public static Optional<String> versionDefect(String versionId) {
    return VERSION.matcher(versionId).matches()
        ? Optional.empty()
        : Optional.of("a version id is 1 to 256 printable ASCII characters");
  }

  private static Optional<String> pathDefect(String path, String what, int maxBytes) {
    int bytes = path.getBytes(StandardCharsets.UTF_8).length;
    if (bytes < 1 || bytes > maxBytes) {
      return Optional.of(what + " is 1 to " + maxBytes + " bytes of UTF-8, this has " + bytes);
    }
    Optional<String> defect = UnicodeText.defect(path);
    if (defect.isPresent()) {
      return defect;
    }
    if (path.chars().anyMatch(Character::isISOControl)) {
      return Optional.of(what + " must not hold control characters");
    }
    if (path.indexOf('\\') >= 0) {
      return Optional.of(what + " must not hold backslashes");
    }
    for (String segment : path.split("/", -1)) {
      if (segment.isEmpty() || segment.equals(".") || segment.equals("..")) {
        return Optional.of(
            what + " must not have empty, \".\" or \"..\" segments, nor a slash at either end");
      }
    }
    return Optional.empty();
  }
}
