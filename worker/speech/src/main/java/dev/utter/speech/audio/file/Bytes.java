package dev.utter.speech.audio.file;

import java.nio.charset.StandardCharsets;

/**
 * A section of a file, read at any place. Bytes outside it read as zero and match nothing.
 *
 * @param array the whole file; not copied
 * @param from first byte of the section
 * @param to end of the section
 */
record Bytes(byte[] array, int from, int to) {

  int length() {
    return to - from;
  }

  Bytes from(int offset) {
    return new Bytes(array, Math.min(to, from + offset), to);
  }

  int at(long offset) {
    return offset >= 0 && offset < length() ? array[(int) (from + offset)] & 0xFF : 0;
  }

  boolean has(long offset, String text) {
    byte[] expected = text.getBytes(StandardCharsets.US_ASCII);
    if (offset < 0 || offset + expected.length > length()) {
      return false;
    }
    for (int i = 0; i < expected.length; i++) {
      if (array[(int) (from + offset + i)] != expected[i]) {
        return false;
      }
    }
    return true;
  }

  boolean has(long offset, int... values) {
    if (offset < 0 || offset + values.length > length()) {
      return false;
    }
    for (int i = 0; i < values.length; i++) {
      if (at(offset + i) != values[i]) {
        return false;
      }
    }
    return true;
  }

  /** An unsigned number, high byte first. */
  long big(long offset, int bytes) {
    long value = 0;
    for (int i = 0; i < bytes; i++) {
      value = value << 8 | at(offset + i);
    }
    return value;
  }

  /** An unsigned number, low byte first. */
  long little(long offset, int bytes) {
    long value = 0;
    for (int i = bytes - 1; i >= 0; i--) {
      value = value << 8 | at(offset + i);
    }
    return value;
  }

  /** Where a text begins at or after an offset, or -1. */
  int find(String text, int offset) {
    int first = text.charAt(0);
    for (int i = Math.max(0, offset); i + text.length() <= length(); i++) {
      if (array[from + i] == first && has(i, text)) {
        return i;
      }
    }
    return -1;
  }

  /** Four characters for a message. */
  String name(long offset) {
    StringBuilder name = new StringBuilder();
    for (int i = 0; i < 4; i++) {
      int value = at(offset + i);
      name.append(value >= ' ' && value <= '~' ? (char) value : '?');
    }
    return name.toString();
  }
}
