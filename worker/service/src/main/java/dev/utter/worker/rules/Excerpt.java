package dev.utter.worker.rules;

import org.jspecify.annotations.Nullable;

/** Quotes a value that may be hostile: short, on one line, in printable ASCII. */
public final class Excerpt {
  private static final int MAX_CHARS = 60;

  private Excerpt() {}

  /**
   * The value in double quotes, its first 60 characters at most, everything but printable ASCII
   * written as Java escapes; says how long it is if it was cut.
   */
  public static String of(@Nullable String value) {
    if (value == null) {
      return "null";
    }
    StringBuilder quoted = new StringBuilder("\"");
    int shown = Math.min(value.length(), MAX_CHARS);
    for (int i = 0; i < shown; i++) {
      append(quoted, value.charAt(i));
    }
    quoted.append('"');
    if (shown < value.length()) {
      quoted.append("... (").append(value.length()).append(" characters)");
    }
    return quoted.toString();
  }

  private static void append(StringBuilder quoted, char c) {
    switch (c) {
      case '"' -> quoted.append("\\\"");
      case '\\' -> quoted.append("\\\\");
      case '\n' -> quoted.append("\\n");
      case '\r' -> quoted.append("\\r");
      case '\t' -> quoted.append("\\t");
      default -> {
        if (c >= ' ' && c < 0x7f) {
          quoted.append(c);
        } else {
          quoted.append(String.format("\\u%04x", (int) c));
        }
      }
    }
  }
}
