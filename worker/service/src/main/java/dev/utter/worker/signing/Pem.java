package dev.utter.worker.signing;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Base64;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Reads the one block of a PEM file. */
final class Pem {
  /** Keys of Ed25519 take about 120 bytes, comments in front of them may be longer. */
  private static final int MAX_BYTES = 65_536;

  private Pem() {}

  /**
   * The text of a file.
   *
   * @throws IllegalArgumentException if it cannot be read or is too large for a key
   */
  static String text(Path file) {
    try {
      if (Files.size(file) > MAX_BYTES) {
        throw new IllegalArgumentException(
            file + " has more than " + MAX_BYTES + " bytes, which no PEM file of a key has");
      }
      return Files.readString(file);
    } catch (IOException e) {
      throw new IllegalArgumentException(file + " cannot be read: " + e, e);
    }
  }

  /**
   * The bytes of a block. Messages do not repeat the text, which may be a secret.
   *
   * @param label of the block, for example {@code PRIVATE KEY}
   * @param file named in messages
   * @throws IllegalArgumentException if there is no such block or it is no Base64
   */
  static byte[] block(String text, String label, Path file) {
    Matcher block =
        Pattern.compile("-----BEGIN " + label + "-----([^-]*)-----END " + label + "-----")
            .matcher(text);
    if (!block.find()) {
      throw new IllegalArgumentException(file + " has no PEM block " + label);
    }
    try {
      return Base64.getDecoder().decode(block.group(1).replaceAll("\\s", ""));
    } catch (IllegalArgumentException e) {
      throw new IllegalArgumentException(file + ": its block " + label + " is no Base64");
    }
  }
}
