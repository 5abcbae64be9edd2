package dev.utter.worker.rules;

import dev.utter.speech.digest.Sha256;
import java.nio.charset.StandardCharsets;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** The rule for request ids, and a stand-in for ids that break it. */
public final class RequestIds {
  /** What an id may be. */
  public static final String RULE = "must be 1 to 128 characters of A-Z a-z 0-9 . _ : -";

  /** Longest id; it is ASCII. */
  public static final int MAX_CHARS = 128;

  private static final Pattern VALID = Pattern.compile("[A-Za-z0-9._:-]{1," + MAX_CHARS + "}");
  private static final int SHOWN_CHARS = 40;
  private static final int DIGEST_CHARS = 16;

  private RequestIds() {}

  /** Whether it keeps the rule. */
  public static boolean isValid(@Nullable String id) {
    return id != null && VALID.matcher(id).matches();
  }

  /**
   * An id that is safe as key, file name and log field. A valid id is its own. Another one becomes
   * {@code invalid:START-DIGEST}: its first 40 characters, each forbidden one replaced by {@code
   * _}, and 16 hexadecimal digits of its SHA-256, so that two bad ids do not become one.
   */
  public static String safe(String id) {
    if (isValid(id)) {
      return id;
    }
    String text = String.valueOf(id);
    String start = text.substring(0, Math.min(SHOWN_CHARS, text.length()));
    return "invalid:" + start.replaceAll("[^A-Za-z0-9._:-]", "_") + "-" + digest(text);
  }

  private static String digest(String text) {
    return Sha256.hex(text.getBytes(StandardCharsets.UTF_16BE)).substring(0, DIGEST_CHARS);
  }
}
