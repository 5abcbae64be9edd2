package dev.utter.worker.signing;

import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.KeyPairGenerator;
import java.security.PrivateKey;
import java.security.PublicKey;
import java.security.SecureRandom;
import java.security.Signature;
import java.security.interfaces.EdECPrivateKey;
import java.security.spec.NamedParameterSpec;
import java.security.spec.PKCS8EncodedKeySpec;
import java.time.Instant;
import java.util.Base64;

/**
 * A private key of Ed25519 and the id of its public half.
 *
 * <p>Threading: immutable.
 */
final class SigningKey {
  private final PrivateKey key;
  private final String id;

  private SigningKey(EdECPrivateKey key) throws GeneralSecurityException {
    this.key = key;
    VerifyingKey publicHalf = new VerifyingKey(publicHalf(key));
    id = publicHalf.id();
    ClipStatement probe =
        new ClipStatement("probe", "0".repeat(64), "probe", "probe", "probe", Instant.EPOCH);
    if (!publicHalf.verifies(probe, sign(probe))) {
      throw new IllegalStateException(
          "this Java runtime does not derive the public key of Ed25519 from the private one");
    }
  }

  /**
   * Reads a private key as {@code openssl genpkey} writes it.
   *
   * @throws IllegalArgumentException if the file cannot be read or holds no such key; the message
   *     repeats nothing of it
   */
  static SigningKey read(Path file) {
    return parse(Pem.text(file), file);
  }

  /** The key in a text, see {@link #read}. */
  static SigningKey parse(String text, Path file) {
    byte[] der = Pem.block(text, "PRIVATE KEY", file);
    try {
      return new SigningKey(
          (EdECPrivateKey)
              KeyFactory.getInstance(VerifyingKey.ALGORITHM)
                  .generatePrivate(new PKCS8EncodedKeySpec(der)));
    } catch (GeneralSecurityException e) {
      throw new IllegalArgumentException(file + " holds no private key of Ed25519");
    }
  }

  /** The id that signatures name. */
  String id() {
    return id;
  }

  ClipSignature sign(ClipStatement statement) {
    try {
      Signature signing = Signature.getInstance(VerifyingKey.ALGORITHM);
      signing.initSign(key);
      signing.update(statement.bytes());
      return new ClipSignature(
          id, statement.createdAt(), Base64.getEncoder().encodeToString(signing.sign()));
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("a key of Ed25519 that was read signs", e);
    }
  }

  /**
   * The public half. Java has no call for it, but a key generator computes it from its random
   * bytes, and gets the private key in their place.
   */
  private static PublicKey publicHalf(EdECPrivateKey key) throws GeneralSecurityException {
    byte[] seed = key.getBytes().orElseThrow(() -> new IllegalStateException("a key has bytes"));
    KeyPairGenerator generator = KeyPairGenerator.getInstance(VerifyingKey.ALGORITHM);
    generator.initialize(
        NamedParameterSpec.ED25519,
        new SecureRandom() {
          @Override
          public void nextBytes(byte[] bytes) {
            System.arraycopy(seed, 0, bytes, 0, Math.min(seed.length, bytes.length));
          }
        });
    return generator.generateKeyPair().getPublic();
  }
}
