package dev.utter.worker.signing;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import com.code_intelligence.jazzer.junit.FuzzTest;
import java.io.IOException;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.Arrays;
import java.util.Base64;

/** Key files, and signatures that claim to be of a key's holder. */
class KeyFileFuzzTest {
  private static final Path NAMED = Path.of("key.pem");
  private static final int MAX_MESSAGE = 200;
  private static final ClipStatement STATEMENT =
      new ClipStatement("id", "0".repeat(64), "model", "revision", "key", Instant.EPOCH);
  private static final VerifyingKey HOLDER = holder();
  private static final String GENUINE = signature();

  /** Bytes that begin like a PEM file are one; others are the key in it. */
  @FuzzTest
  void aPrivateKeyIsReadOrRefused(byte[] bytes) {
    try {
      SigningKey key = SigningKey.parse(pem(bytes, "PRIVATE KEY"), NAMED);
      if (key.sign(STATEMENT).value().isEmpty()) {
        throw new AssertionError("an empty signature");
      }
    } catch (IllegalArgumentException e) {
      check(e);
    }
  }

  @FuzzTest
  void aPublicKeyIsReadOrRefused(byte[] bytes) throws IOException {
    Path file = Files.createTempFile("utter-fuzz", ".pem");
    try {
      Files.writeString(file, pem(bytes, "PUBLIC KEY"), ISO_8859_1);
      VerifyingKey.read(file).verifies(STATEMENT, claimed(GENUINE));
    } catch (IllegalArgumentException e) {
      check(e);
    } finally {
      Files.delete(file);
    }
  }

  @FuzzTest
  void onlyTheHoldersSignatureIsVerified(byte[] bytes) {
    String value = new String(bytes, ISO_8859_1);
    if (HOLDER.verifies(STATEMENT, claimed(value))
        && !Arrays.equals(Base64.getDecoder().decode(value), Base64.getDecoder().decode(GENUINE))) {
      throw new AssertionError("verified: " + value);
    }
  }

  private static ClipSignature claimed(String value) {
    return new ClipSignature(HOLDER.id(), Instant.EPOCH, value);
  }

  private static String pem(byte[] bytes, String label) {
    return bytes.length > 0 && bytes[0] == '-'
        ? new String(bytes, ISO_8859_1)
        : "-----BEGIN %s-----\n%s\n-----END %s-----\n"
            .formatted(label, Base64.getEncoder().encodeToString(bytes), label);
  }

  private static void check(IllegalArgumentException e) {
    if (e.getMessage().length() > MAX_MESSAGE) {
      throw new AssertionError("a message of " + e.getMessage().length() + " characters", e);
    }
  }

  private static VerifyingKey holder() {
    return VerifyingKey.read(resource("signing-key.pub.pem"));
  }

  private static String signature() {
    return SigningKey.read(resource("signing-key.pem")).sign(STATEMENT).value();
  }

  private static Path resource(String name) {
    try {
      return Path.of(KeyFileFuzzTest.class.getResource(name).toURI());
    } catch (URISyntaxException e) {
      throw new IllegalStateException(e);
    }
  }
}
