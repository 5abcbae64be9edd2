package dev.utter.worker.signing;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

final class ClipSignerTest {
  private static final Instant NOW = Instant.parse("2026-11-23T00:00:00.123456Z");
  private static final Clock CLOCK = Clock.fixed(NOW, ZoneOffset.UTC);
  private static final String DIGEST = "0123456789abcdef".repeat(4);

  @TempDir Path folder;
  private Path privateKey;
  private Path publicKey;

  @BeforeEach
  void copyKeys() throws IOException {
    privateKey = resource("signing-key.pem");
    publicKey = resource("signing-key.pub.pem");
  }

  @Test
  void theStatementHasTheDocumentedLayout() {
    assertThat(new String(statement(DIGEST).bytes(), StandardCharsets.US_ASCII))
        .isEqualTo(
            """
            utter-clip-1
            request-id: order-7
            sha256: 0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef
            model-name: sesame/csm-1b
            model-revision: 0a1b
            watermark-key-id: production-1
            created-at-millis: 1795392000123
            """);
  }

  @Test
  void aSignatureIsVerifiedWithThePublicKey() {
    // When
    ClipSignature signature = sign(new ClipSigner(privateKey, CLOCK));

    // Then
    VerifyingKey key = VerifyingKey.read(publicKey);
    assertThat(key.id()).isEqualTo("25b291dcda2e32b0");
    assertThat(signature.keyId()).isEqualTo("25b291dcda2e32b0");
    assertThat(signature.createdAt()).isEqualTo(Instant.parse("2026-11-23T00:00:00.123Z"));
    assertThat(key.verifies(statement(DIGEST), signature)).isTrue();
  }

  @Test
  void nothingElseIsVerifiedByASignature() {
    // Given
    VerifyingKey key = VerifyingKey.read(publicKey);
    ClipSignature good = sign(new ClipSigner(privateKey, CLOCK));
    Instant at = good.createdAt();
    List<ClipStatement> others =
        List.of(
            new ClipStatement("order-8", DIGEST, "sesame/csm-1b", "0a1b", "production-1", at),
            statement("f".repeat(64)),
            new ClipStatement("order-7", DIGEST, "sesame/csm-1c", "0a1b", "production-1", at),
            new ClipStatement("order-7", DIGEST, "sesame/csm-1b", "0a1c", "production-1", at),
            new ClipStatement("order-7", DIGEST, "sesame/csm-1b", "0a1b", "production-2", at));

    // Then
    assertThat(others).noneMatch(other -> key.verifies(other, good));
    byte[] changed = Base64.getDecoder().decode(good.value());
    changed[10] ^= 1;
    assertThat(
            List.of(
                Base64.getEncoder().encodeToString(changed), "", "AAAA", "no Base64", good.keyId()))
        .noneMatch(
            value -> key.verifies(statement(DIGEST), new ClipSignature(key.id(), at, value)));
    assertThat(key.verifies(statement(DIGEST), new ClipSignature("0".repeat(16), at, good.value())))
        .isFalse();
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "a b", "a\nrequest-id: b", "\u00e9"})
  void aValueThatCouldMeanTwoThingsIsNotSigned(String value) {
    assertThatThrownBy(() -> new ClipStatement(value, DIGEST, "m", "r", "k", Instant.EPOCH))
        .hasMessageContaining("requestId");
  }

  @Test
  void aReplacedKeySignsFromThenOn() throws IOException {
    // Given
    ClipSigner signer = new ClipSigner(privateKey, CLOCK);
    String first = sign(signer).keyId();

    // When
    Files.writeString(privateKey, otherPrivateKey());

    // Then
    assertThat(sign(signer).keyId()).isNotEqualTo(first);
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "half a file", "-----BEGIN PRIVATE KEY-----\nMC4C\n"})
  void whileTheKeyCannotBeReadTheLastOneSigns(String text) throws IOException {
    // Given
    ClipSigner signer = new ClipSigner(privateKey, CLOCK);

    // When
    Files.writeString(privateKey, text);

    // Then
    assertThat(sign(signer).keyId()).isEqualTo("25b291dcda2e32b0");
    Files.delete(privateKey);
    assertThat(sign(signer).keyId()).isEqualTo("25b291dcda2e32b0");
  }

  @ParameterizedTest
  @CsvSource({
    "hush, has no PEM block PRIVATE KEY",
    "-----BEGIN PRIVATE KEY-----hush!-----END PRIVATE KEY-----, is no Base64",
    "-----BEGIN PRIVATE KEY-----aHVzaA==-----END PRIVATE KEY-----, no private key of Ed25519",
  })
  void aFileWithoutAKeyIsRefusedWithoutRepeatingIt(String text, String message) throws IOException {
    // Given
    Files.writeString(privateKey, text);

    // Then
    assertThatThrownBy(() -> new ClipSigner(privateKey, CLOCK))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining(message)
        .hasMessageNotContaining("hush")
        .hasMessageNotContaining("aHVza");
  }

  @Test
  void opensslMakesTheKeysAndVerifiesAsDocumented() throws Exception {
    // Given
    assumeTrue(openssl("version") == 0, "openssl is on the path");
    Path made = folder.resolve("made.pem");
    Path madePublic = folder.resolve("made.pub.pem");
    assertThat(openssl("genpkey", "-algorithm", "ed25519", "-out", made.toString())).isZero();
    assertThat(openssl("pkey", "-in", made.toString(), "-pubout", "-out", madePublic.toString()))
        .isZero();

    // When
    ClipSignature signature = sign(new ClipSigner(made, CLOCK));

    // Then
    assertThat(VerifyingKey.read(madePublic).verifies(statement(DIGEST), signature)).isTrue();
    Path signed = Files.write(folder.resolve("statement"), statement(DIGEST).bytes());
    Path value =
        Files.write(folder.resolve("signature"), Base64.getDecoder().decode(signature.value()));
    assertThat(
            openssl(
                "pkeyutl",
                "-verify",
                "-rawin",
                "-pubin",
                "-inkey",
                madePublic.toString(),
                "-in",
                signed.toString(),
                "-sigfile",
                value.toString()))
        .isZero();
  }

  private static int openssl(String... arguments) throws InterruptedException {
    try {
      Process process =
          new ProcessBuilder(Stream.concat(Stream.of("openssl"), Stream.of(arguments)).toList())
              .redirectErrorStream(true)
              .redirectOutput(ProcessBuilder.Redirect.DISCARD)
              .start();
      return process.waitFor(1, TimeUnit.MINUTES) ? process.exitValue() : -1;
    } catch (IOException e) {
      return -1;
    }
  }

  private static String otherPrivateKey() {
    // PKCS #8 of Ed25519: a fixed head and 32 bytes, any of which are a key.
    byte[] head = Base64.getDecoder().decode("MC4CAQAwBQYDK2VwBCIEIA==");
    byte[] der = Arrays.copyOf(head, head.length + 32);
    return "-----BEGIN PRIVATE KEY-----\n"
        + Base64.getEncoder().encodeToString(der)
        + "\n-----END PRIVATE KEY-----\n";
  }

  private static ClipSignature sign(ClipSigner signer) {
    return signer.sign("order-7", DIGEST, "sesame/csm-1b", "0a1b", "production-1");
  }

  private static ClipStatement statement(String sha256) {
    return new ClipStatement(
        "order-7",
        sha256,
        "sesame/csm-1b",
        "0a1b",
        "production-1",
        Instant.parse("2026-11-23T00:00:00.123Z"));
  }

  private Path resource(String name) throws IOException {
    Path file = folder.resolve(name);
    try (var in = ClipSignerTest.class.getResourceAsStream(name)) {
      Files.copy(in, file);
    }
    return file;
  }
}
