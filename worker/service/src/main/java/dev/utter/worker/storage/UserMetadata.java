package dev.utter.worker.storage;

import io.minio.Http;
import java.util.HashMap;
import java.util.Locale;
import java.util.Map;
import java.util.regex.Pattern;

/** User metadata: what may be written, and what was stored with its keys in lower case. */
final class UserMetadata {
  private static final Pattern KEY = Pattern.compile("[a-z0-9][a-z0-9-]{0,63}");

  /** Other characters are stored differently from store to store. */
  private static final Pattern VALUE =
      Pattern.compile("[\\x21-\\x7e]([\\x20-\\x7e]*[\\x21-\\x7e])?");

  /** S3's limit for all keys and values together. */
  private static final int MAX_BYTES = 2048;

  private UserMetadata() {}

  /**
   * Checks metadata that is to be written.
   *
   * @throws IllegalArgumentException naming the entry and the rule it breaks
   */
  static void check(Map<String, String> metadata) {
    int bytes = 0;
    for (Map.Entry<String, String> entry : metadata.entrySet()) {
      if (!KEY.matcher(entry.getKey()).matches()) {
        throw new IllegalArgumentException(
            "metadata key \"" + entry.getKey() + "\" must be 1 to 64 of a-z 0-9 -");
      }
      if (!VALUE.matcher(entry.getValue()).matches()) {
        throw new IllegalArgumentException(
            "metadata value of \""
                + entry.getKey()
                + "\" must be printable ASCII, with no space at either end");
      }
      bytes += entry.getKey().length() + entry.getValue().length();
    }
    if (bytes > MAX_BYTES) {
      throw new IllegalArgumentException(
          "metadata has " + bytes + " bytes, S3 takes " + MAX_BYTES + " at most");
    }
  }

  static Map<String, String> of(Http.Headers headers) {
    Map<String, String> metadata = new HashMap<>();
    for (String name : headers.names()) {
      metadata.put(name.toLowerCase(Locale.ROOT), headers.getFirst(name));
    }
    return metadata;
  }
}
