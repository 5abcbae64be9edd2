package dev.utter.speech.hub.listing;

import java.util.List;
import java.util.regex.Pattern;

/**
 * A file of a model as the hub lists it.
 *
 * @param path name below the model's root, parts separated by {@code /}
 * @param size bytes
 * @param etag SHA-256 of a large file's content, or the name that Git gives a small one, in
 *     hexadecimal; its name in the cache
 */
public record HubFile(String path, long size, String etag) {

  private static final Pattern ETAG = Pattern.compile("[0-9a-f]{40}|[0-9a-f]{64}");
  private static final int SHA_256_DIGITS = 64;

  /** Checks that neither name leads out of the cache. */
  public HubFile {
    if (!isInside(path)) {
      throw new HubException("the hub lists a file \"" + printable(path) + "\", which is no name");
    }
    if (size < 0) {
      throw new HubException("the hub gives the size " + size + " for " + path);
    }
    if (!ETAG.matcher(etag).matches()) {
      throw new HubException("the hub gives no checksum for " + path);
    }
  }

  private static boolean isInside(String path) {
    return path.chars().noneMatch(c -> c < ' ' || c == '\\' || c == ':' || c == 0x7f)
        && List.of(path.split("/", -1)).stream()
            .noneMatch(part -> part.isEmpty() || part.equals(".") || part.equals(".."));
  }

  /** Whether {@link #etag} is a SHA-256 of the content. */
  public boolean isLarge() {
    return etag.length() == SHA_256_DIGITS;
  }

  /** A text from outside, without characters that cannot be shown. */
  public static String printable(String text) {
    String plain = text.replaceAll("\\p{C}+", " ").strip();
    int limit = 300;
    return plain.length() > limit ? plain.substring(0, limit) + "…" : plain;
  }
}
