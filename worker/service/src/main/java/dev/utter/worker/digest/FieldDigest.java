package dev.utter.worker.digest;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.utter.speech.digest.Sha256;
import java.nio.ByteBuffer;
import java.security.MessageDigest;

/**
 * SHA-256 over values given one by one. Texts are preceded by their length, so that no two
 * sequences of values of the same types give the same bytes.
 *
 * <p>Threading: not safe, one thread at a time.
 */
public final class FieldDigest {
  private final MessageDigest digest = Sha256.start();

  /** Adds a text. */
  public FieldDigest add(String text) {
    byte[] bytes = text.getBytes(UTF_8);
    digest.update(ByteBuffer.allocate(Integer.BYTES).putInt(bytes.length).array());
    digest.update(bytes);
    return this;
  }

  /** Adds a number. */
  public FieldDigest add(long number) {
    digest.update(ByteBuffer.allocate(Long.BYTES).putLong(number).array());
    return this;
  }

  /** The digest, 32 bytes; nothing can be added afterwards. */
  public byte[] finish() {
    return digest.digest();
  }
}
