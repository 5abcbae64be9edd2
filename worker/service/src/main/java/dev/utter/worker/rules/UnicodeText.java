package dev.utter.worker.rules;

import java.util.Optional;

/** Checks text for unpaired surrogates and for characters lost in transport. */
public final class UnicodeText {
  private static final char REPLACEMENT = '\ufffd';

  private UnicodeText() {}

  /**
   * The text with every invisible or direction-changing character as a Java escape: control and
   * format characters, separators of lines and paragraphs, halves of surrogate pairs.
   */
  public static String visible(String text) {
    StringBuilder shown = new StringBuilder();
    text.codePoints()
        .forEach(
            point -> {
              switch (Character.getType(point)) {
                case Character.CONTROL,
                    Character.FORMAT,
                    Character.LINE_SEPARATOR,
                    Character.PARAGRAPH_SEPARATOR,
                    Character.SURROGATE ->
                    escape(shown, point);
                default -> shown.appendCodePoint(point);
              }
            });
    return shown.toString();
  }

  private static void escape(StringBuilder shown, int point) {
    for (char c : Character.toChars(point)) {
      shown.append(String.format("\\u%04x", (int) c));
    }
  }

  /**
   * What is wrong with the text, if anything: an unpaired surrogate, or U+FFFD, which replaces
   * bytes that were not UTF-8 (an unpaired surrogate arrives as one).
   */
  public static Optional<String> defect(CharSequence text) {
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      if (Character.isHighSurrogate(c)
          && i + 1 < text.length()
          && Character.isLowSurrogate(text.charAt(i + 1))) {
        i++;
      } else if (Character.isSurrogate(c)) {
        return Optional.of(String.format("unpaired surrogate U+%04X at index %d", (int) c, i));
      } else if (c == REPLACEMENT) {
        return Optional.of(
            "U+FFFD at index " + i + ", the sign of text that was not whole Unicode");
      }
    }
    return Optional.empty();
  }
}
