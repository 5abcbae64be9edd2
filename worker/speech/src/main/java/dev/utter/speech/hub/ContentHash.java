package dev.utter.speech.hub;

import dev.utter.speech.digest.Sha256;
import dev.utter.speech.hub.listing.HubFile;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;

/** The checksum by which the hub names a file's content. */
final class ContentHash {

  private final MessageDigest digest;

  ContentHash(HubFile file) {
    digest = file.isLarge() ? Sha256.start() : sha1();
    if (!file.isLarge()) {
      // Git names a file by this header and its content.
      digest.update(("blob " + file.size() + "\0").getBytes(StandardCharsets.US_ASCII));
    }
  }

  private static MessageDigest sha1() {
    try {
      return MessageDigest.getInstance("SHA-1");
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java platform has SHA-1", e);
    }
  }

  void update(byte[] bytes, int length) {
    digest.update(bytes, 0, length);
  }

  /** In hexadecimal; ends the computation. */
  String value() {
    return HexFormat.of().formatHex(digest.digest());
  }
}
