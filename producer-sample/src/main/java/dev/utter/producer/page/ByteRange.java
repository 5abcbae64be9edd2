package dev.utter.producer.page;

import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The part of a resource that an HTTP header {@code Range} asks for.
 *
 * @param from first byte
 * @param to the byte after the last one; equal to or below {@code from} if the resource has no such
 *     part
 */
record ByteRange(int from, int to) {
  private static final Pattern ONE = Pattern.compile("bytes=(\\d{0,9})-(\\d{0,9})");

  /**
   * Reads the header.
   *
   * @param header its value; null if there is none
   * @param length of the resource in bytes
   * @return empty if the whole resource is to be sent: no header, several ranges, or another unit
   */
  static Optional<ByteRange> parse(String header, int length) {
    Matcher matcher = ONE.matcher(header == null ? "" : header.strip());
    if (!matcher.matches()) {
      return Optional.empty();
    }
    String first = matcher.group(1);
    String last = matcher.group(2);
    if (first.isEmpty() && last.isEmpty()) {
      return Optional.empty();
    }
    if (first.isEmpty()) {
      return Optional.of(new ByteRange(Math.max(0, length - Integer.parseInt(last)), length));
    }
    int from = Integer.parseInt(first);
    int to = last.isEmpty() ? length : Math.min(length, Integer.parseInt(last) + 1);
    return Optional.of(new ByteRange(from, to));
  }

  boolean isEmpty() {
    return to <= from;
  }

  /** The answer's header {@code Content-Range}. */
  String of(int length) {
    return "bytes " + from + "-" + (to - 1) + "/" + length;
  }
}
