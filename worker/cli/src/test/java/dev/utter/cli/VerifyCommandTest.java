package dev.utter.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.utter.events.AudioFormat;
import dev.utter.events.FinishReason;
import dev.utter.events.ModelIdentity;
import dev.utter.events.Signature;
import dev.utter.events.StageTimings;
import dev.utter.events.StoredAudio;
import dev.utter.events.SynthesisCompleted;
import dev.utter.events.Watermark;
import dev.utter.producer.client.RequestProgress;
import dev.utter.producer.json.ResultLine;
import dev.utter.worker.signing.ClipSignature;
import dev.utter.worker.signing.ClipSigner;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Clock;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.HexFormat;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

final class VerifyCommandTest {
  private static final Instant NOW = Instant.parse("2026-11-23T00:00:00Z");
  private static final byte[] CLIP = "samples".getBytes(StandardCharsets.UTF_8);
  private static final String KEY_ID = "25b291dcda2e32b0";

  @TempDir Path folder;
  private Path clip;
  private Path publicKey;
  private Path otherPublicKey;
  private SynthesisCompleted event;

  @BeforeEach
  void signAClip() throws IOException {
    clip = Files.write(folder.resolve("clip.wav"), CLIP);
    publicKey =
        file(
            "signing-key.pub.pem",
            """
            -----BEGIN PUBLIC KEY-----
            MCowBQYDK2VwAyEAhu7n8DxrNJsASQfKdU1l2LSRbbUXUrMJDgWM/NE0hKo=
            -----END PUBLIC KEY-----
            """);
    otherPublicKey =
        file(
            "other.pub.pem",
            """
            -----BEGIN PUBLIC KEY-----
            MCowBQYDK2VwAyEA+uo56ZjzXNHQXY5PYOmglBPxtgpcY0mI5TRaaUdOHT4=
            -----END PUBLIC KEY-----
            """);
    Path privateKey =
        file(
            "signing-key.pem",
            """
            -----BEGIN PRIVATE KEY-----
            MC4CAQAwBQYDK2VwBCIEIMr8DYpa97MHBT4ZY2SNzP89OtHLYSgzgjciA7SgbuEd
            -----END PRIVATE KEY-----
            """);
    ClipSignature signature =
        new ClipSigner(privateKey, Clock.fixed(NOW, ZoneOffset.UTC))
            .sign("order-7", sha256(), "csm", "0a1b", "production-1");
    event = completed(signature);
  }

  @ParameterizedTest
  @ValueSource(strings = {"avro", "plain", "line"})
  void aSignedClipIsProvedByItsEvent(String form) throws IOException {
    // Given
    Path json = event(form);

    // When
    CommandRun run = verify("--event", json, publicKey);

    // Then
    assertThat(run.exitCode()).as(run.err() + run.out()).isZero();
    assertThat(run.out())
        .isEqualTo(
            clip
                + ": signed by key "
                + KEY_ID
                + " for request order-7 at 2026-11-23T00:00:00Z, model csm 0a1b,"
                + " watermark key production-1"
                + System.lineSeparator());
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "{'AcceptRanges': 'bytes', 'Metadata': {%s}}",
        "{'metadata': {'X-Amz-Meta-Other': '1', %s}}",
        "{%s}"
      })
  void aSignedClipIsProvedByItsObjectsMetadata(String frame) throws IOException {
    // Given
    String metadata =
        """
        'utter-request-id': 'order-7', 'Utter-Sha256': '%s', 'utter-model-name': 'csm',
        'utter-model-revision': '0a1b', 'X-Amz-Meta-Utter-Watermark-Key-Id': 'production-1',
        'utter-signature': '%s', 'utter-signing-key-id': '%s',
        'utter-created-at-millis': '%d'
        """
            .formatted(sha256(), event.getSignature().getValue(), KEY_ID, NOW.toEpochMilli());
    Path json = file("head.json", frame.formatted(metadata).replace('\'', '"'));

    // When
    CommandRun run =
        CommandRun.of(
            "verify-clip",
            clip.toString(),
            "--metadata",
            json.toString(),
            "--public-key",
            otherPublicKey.toString(),
            "--public-key",
            publicKey.toString(),
            "--json");

    // Then
    assertThat(run.exitCode()).as(run.err() + run.out()).isZero();
    assertThat(run.out())
        .contains("\"signed\":true", "\"keyId\":\"" + KEY_ID + "\"", "\"requestId\":\"order-7\"");
  }

  @Test
  void aChangedClipIsNotProved() throws IOException {
    // Given
    Path json = event("plain");
    Files.writeString(clip, "other samples");

    // Then
    CommandRun run = verify("--event", json, publicKey);
    assertThat(run.exitCode()).isEqualTo(1);
    assertThat(run.out()).contains("not proved").contains("about another clip").contains(sha256());
  }

  @Test
  void aKeyThatDidNotSignProvesNothing() throws IOException {
    CommandRun run = verify("--event", event("plain"), otherPublicKey);

    assertThat(run.exitCode()).isEqualTo(1);
    assertThat(run.out()).contains("signed by another key, " + KEY_ID);
  }

  @Test
  void changedFactsAreNotProved() throws IOException {
    // Given
    event = SynthesisCompleted.newBuilder(event).setRequestId("order-8").build();

    // Then
    CommandRun run = verify("--event", event("plain"), publicKey);
    assertThat(run.exitCode()).isEqualTo(1);
    assertThat(run.out()).contains("the signature is wrong");
  }

  @Test
  void anEventWithoutASignatureProvesNothing() throws IOException {
    // Given
    event = SynthesisCompleted.newBuilder(event).setSignature(null).build();

    // Then
    CommandRun run = verify("--event", event("plain"), publicKey);
    assertThat(run.exitCode()).isEqualTo(1);
    assertThat(run.out()).contains("there is no signature");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "--event | {} | is no completed event: requestId is missing",
        "--event | { | is no JSON",
        "--event | [1] | is no completed event: requestId is missing",
        "--event | {\"requestId\": \"a\", \"signature\": {\"createdAt\": \"noon\"}} | createdAt",
        "--event | {\"requestId\": \"a\", \"signature\": {\"createdAt\": 7}} | audio.sha256 is",
        "--metadata | {\"Metadata\": {}} | no metadata of a clip: utter-request-id is missing",
      })
  void whatIsNoEventAndNoMetadataIsAUsageError(String option, String text, String message)
      throws IOException {
    CommandRun run = verify(option, file("facts.json", text), publicKey);

    assertThat(run.exitCode()).isEqualTo(2);
    assertThat(run.err()).contains(message);
  }

  @Test
  void aFileThatIsNoPublicKeyIsAUsageErrorAndAMissingClipAFailure() throws IOException {
    CommandRun noKey = verify("--event", event("plain"), clip);
    Path json = event("plain");
    Files.delete(clip);
    CommandRun noClip = verify("--event", json, publicKey);

    assertThat(noKey.exitCode()).isEqualTo(2);
    assertThat(noKey.err()).contains("clip.wav has no PEM block PUBLIC KEY");
    assertThat(noClip.exitCode()).isEqualTo(3);
    assertThat(noClip.err()).contains("clip.wav");
  }

  private CommandRun verify(String option, Path facts, Path key) {
    return CommandRun.of(
        "verify-clip", clip.toString(), option, facts.toString(), "--public-key", key.toString());
  }

  private Path event(String form) throws IOException {
    return file(
        "event.json",
        switch (form) {
          case "avro" ->
              event
                  .toString()
                  .replace(
                      event.getSignature().toString(),
                      """
                      {"dev.utter.events.Signature":
                        {"keyId": "%s", "createdAt": %d, "value": "%s"}}
                      """
                          .formatted(KEY_ID, NOW.toEpochMilli(), event.getSignature().getValue()));
          case "plain" -> event.toString();
          default -> ResultLine.of(progress()).toString();
        });
  }

  private RequestProgress progress() {
    return new RequestProgress(
        "order-7",
        Optional.empty(),
        Optional.of(event),
        Optional.empty(),
        Optional.empty(),
        Optional.empty());
  }

  private Path file(String name, String text) throws IOException {
    return Files.writeString(folder.resolve(name), text);
  }

  private static SynthesisCompleted completed(ClipSignature signature) {
    return SynthesisCompleted.newBuilder()
        .setEventId(UUID.randomUUID())
        .setRequestId("order-7")
        .setAudio(new StoredAudio("utter", "clips/order-7.wav", null, "e", sha256(), 7L))
        .setFormat(AudioFormat.WAV_PCM16)
        .setSampleRate(24_000)
        .setDurationMillis(80)
        .setFrames(1)
        .setFinishReason(FinishReason.END_OF_AUDIO)
        .setSeed(7)
        .setModel(new ModelIdentity("csm", "0a1b"))
        .setWatermark(new Watermark("silentcipher-44.1k", "production-1", 1f))
        .setTimings(new StageTimings(1L, 2L, 3L, 4L, 5L))
        .setAttempt(1)
        .setWorker("w")
        .setAttributes(Map.of())
        .setCompletedAt(NOW)
        .setSignature(new Signature(signature.keyId(), signature.createdAt(), signature.value()))
        .build();
  }

  private static String sha256() {
    try {
      return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(CLIP));
    } catch (NoSuchAlgorithmException e) {
      throw new AssertionError(e);
    }
  }
}
