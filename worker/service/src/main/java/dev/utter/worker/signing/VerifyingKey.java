package dev.utter.worker.signing;

import static java.util.Objects.requireNonNull;

import dev.utter.speech.digest.Sha256;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.PublicKey;
import java.security.Signature;
import java.security.SignatureException;
import java.security.spec.X509EncodedKeySpec;
import java.util.Base64;
import java.util.HexFormat;

/**
 * The public half of a key that clips are signed with.
 *
 * <p>Threading: immutable.
 */
public final class VerifyingKey {
  static final String ALGORITHM = "Ed25519";
  private static final int ID_BYTES = 8;

  private final PublicKey key;
  private final String id;

  VerifyingKey(PublicKey key) {
    this.key = requireNonNull(key, "key is null");
    id = HexFormat.of().formatHex(Sha256.of(key.getEncoded()), 0, ID_BYTES);
  }

  /**
   * Reads a public key as {@code openssl pkey -pubout} writes it.
   *
   * @throws IllegalArgumentException if the file cannot be read or holds no such key
   */
  public static VerifyingKey read(Path file) {
    byte[] der = Pem.block(Pem.text(file), "PUBLIC KEY", file);
    try {
      return new VerifyingKey(
          KeyFactory.getInstance(ALGORITHM).generatePublic(new X509EncodedKeySpec(der)));
    } catch (GeneralSecurityException e) {
      throw new IllegalArgumentException(file + " holds no public key of Ed25519", e);
    }
  }

  /** The key's id, which signatures name: 16 hexadecimal digits. */
  public String id() {
    return id;
  }

  /** Whether the holder of this key signed the statement. */
  public boolean verifies(ClipStatement statement, ClipSignature signature) {
    return id.equals(signature.keyId())
        && statement.createdAt().equals(signature.createdAt())
        && verifies(statement.bytes(), signature.value());
  }

  private boolean verifies(byte[] bytes, String base64) {
    try {
      Signature verification = Signature.getInstance(ALGORITHM);
      verification.initVerify(key);
      verification.update(bytes);
      return verification.verify(Base64.getDecoder().decode(base64));
    } catch (SignatureException | IllegalArgumentException e) {
      // Wrong length or no Base64: not a signature of this key.
      return false;
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("every Java runtime since 15 has Ed25519", e);
    }
  }
}
