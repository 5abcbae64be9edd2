package dev.utter.speech.watermark;

import dev.utter.speech.watermark.network.HyperParameters;
import java.security.MessageDigest;
import java.util.HexFormat;
import java.util.Objects;

/**
 * The five bytes a mark carries, and a public name for them. The bytes are secret: who knows them
 * can forge the mark. They appear in no text form; compare keys with {@link #equals}, which takes
 * the same time for all bytes.
 *
 * @param id the name under which events and logs mention the key, 1 to 64 of {@code [A-Za-z0-9._-]}
 * @param bytes 5 bytes; copied on the way in and on the way out
 */
public record WatermarkKey(String id, byte[] bytes) {

  /** How many bytes a key has. */
  static final int LENGTH = HyperParameters.MESSAGE_BYTES;

  /** CSM's own key. It is published, so it is no proof; for development only. */
  public static final WatermarkKey PUBLIC_DEMO = parse("public-demo", "212,211,146,56,201");

  public WatermarkKey {
    Objects.requireNonNull(id, "id is null");
    if (!id.matches("[A-Za-z0-9._-]{1,64}")) {
      throw new IllegalArgumentException(
          "watermark key id is '" + id + "', must be 1 to 64 of [A-Za-z0-9._-]");
    }
    Objects.requireNonNull(bytes, "bytes is null");
    if (bytes.length != LENGTH) {
      throw new IllegalArgumentException(
          "watermark key " + id + " has " + bytes.length + " bytes, must have " + LENGTH);
    }
    bytes = bytes.clone();
  }

  /**
   * Reads ten hexadecimal digits ({@code d4d39238c9}) or five decimal numbers ({@code
   * 212,211,146,56,201}).
   *
   * @throws IllegalArgumentException if the text is neither; the message does not repeat the text
   */
  public static WatermarkKey parse(String id, String text) {
    String trimmed = Objects.requireNonNull(text, "text is null").trim();
    if (trimmed.matches("[0-9A-Fa-f]{10}")) {
      return new WatermarkKey(id, HexFormat.of().parseHex(trimmed));
    }
    String[] parts = trimmed.split("\\s*,\\s*", -1);
    byte[] bytes = new byte[LENGTH];
    boolean valid = parts.length == LENGTH;
    for (int i = 0; valid && i < LENGTH; i++) {
      valid = parts[i].matches("[0-9]{1,3}") && Integer.parseInt(parts[i]) <= 255;
      if (valid) {
        bytes[i] = (byte) Integer.parseInt(parts[i]);
      }
    }
    if (!valid) {
      throw new IllegalArgumentException(
          "watermark key "
              + id
              + " must be 10 hexadecimal digits or 5 numbers of 0 to 255 separated by commas");
    }
    return new WatermarkKey(id, bytes);
  }

  @Override
  public byte[] bytes() {
    return bytes.clone();
  }

  /** Whether a decoded message is this key; takes the same time for all bytes. */
  boolean matches(byte[] message) {
    return MessageDigest.isEqual(bytes, message);
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof WatermarkKey that && id.equals(that.id) && matches(that.bytes);
  }

  /** Depends on the id only, so that it reveals nothing about the bytes. */
  @Override
  public int hashCode() {
    return id.hashCode();
  }

  @Override
  public String toString() {
    return "WatermarkKey[" + id + ", bytes hidden]";
  }
}
