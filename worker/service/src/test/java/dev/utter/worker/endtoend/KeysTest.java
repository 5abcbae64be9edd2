package dev.utter.worker.endtoend;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.utter.events.Signature;
import dev.utter.events.SynthesisCompleted;
import dev.utter.events.SynthesisRequested;
import dev.utter.events.Verdict;
import dev.utter.events.WatermarkVerified;
import dev.utter.speech.digest.Sha256;
import dev.utter.worker.WorkerProcess;
import dev.utter.worker.signing.ClipSignature;
import dev.utter.worker.signing.ClipStatement;
import dev.utter.worker.signing.VerifyingKey;
import dev.utter.worker.storage.object.ObjectLocation;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * A fleet in the middle of a rotation: one worker makes, marks and signs clips with the new keys,
 * another verifies them and has, at first, only the old one.
 */
@Tag("integration")
final class KeysTest {
  private static final Duration PATIENCE = Duration.ofMinutes(2);
  private static final String OLD = "old=0102030405";
  private static final String BOTH = "new=5a4b3c2d1e " + OLD;

  @TempDir private static Path folder;
  private static WorkerRig rig;
  private static VerifyingKey publicKey;

  @BeforeAll
  static void start() throws IOException {
    publicKey = VerifyingKey.read(resource("signing-key.pub.pem"));
    rig =
        new WorkerRig(
            folder.resolve("state"),
            Map.of(
                "UTTER_WORKER_ROLES",
                "admission, synthesis, status",
                "UTTER_WATERMARK_KEYS",
                BOTH,
                "UTTER_SIGNING_PRIVATE_KEY_FILE",
                resource("signing-key.pem").toString()));
  }

  @AfterAll
  static void stop() {
    rig.close();
  }

  @Test
  void noRotationGivesAFalseVerdictAndEachClipIsSigned() {
    // Given
    SynthesisRequested early = rig.request().build();
    SynthesisRequested late = rig.request().build();

    // When
    rig.publish(early);
    SynthesisCompleted completed = rig.clipOf(early.getRequestId());
    WatermarkVerified behind = verdictOf(early.getRequestId(), OLD);
    rig.publish(late);
    WatermarkVerified upToDate = verdictOf(late.getRequestId(), "next=1112131415 " + BOTH);

    // Then
    assertThat(completed.getWatermark().getKeyId()).isEqualTo("new");
    assertThat(behind.getVerdict()).isEqualTo(Verdict.KEY_UNKNOWN);
    assertThat(behind.getKeyId()).isEqualTo("new");
    assertThat(behind.getSha256()).isEqualTo(completed.getAudio().getSha256());
    assertThat(upToDate.getVerdict()).isEqualTo(Verdict.MATCH);
    assertThat(upToDate.getKeyId()).isEqualTo("new");
    assertIsSigned(completed);
  }

  private static void assertIsSigned(SynthesisCompleted completed) {
    ObjectLocation location =
        ObjectLocation.newest(completed.getAudio().getBucket(), completed.getAudio().getKey());
    Signature signature = completed.getSignature();
    ClipStatement statement =
        new ClipStatement(
            completed.getRequestId(),
            Sha256.hex(rig.store.read(location)),
            completed.getModel().getName(),
            completed.getModel().getRevision(),
            completed.getWatermark().getKeyId(),
            signature.getCreatedAt());
    ClipSignature signed =
        new ClipSignature(signature.getKeyId(), signature.getCreatedAt(), signature.getValue());
    assertThat(publicKey.verifies(statement, signed)).isTrue();
    assertThat(rig.store.find(location).orElseThrow().metadata())
        .containsEntry("utter-signature", signature.getValue())
        .containsEntry("utter-signing-key-id", publicKey.id())
        .containsEntry(
            "utter-created-at-millis", Long.toString(signature.getCreatedAt().toEpochMilli()));
  }

  /** The verdict of a worker that has these keys. */
  private static WatermarkVerified verdictOf(String id, String keys) {
    try (WorkerProcess worker =
        new WorkerProcess(
            rig.settings(
                folder.resolve("state-of-verifier"),
                Map.of(
                    "UTTER_WORKER_NAME", "verifier",
                    "UTTER_WORKER_ROLES", "verification",
                    "UTTER_WATERMARK_KEYS", keys)))) {
      worker.start();
      await().atMost(PATIENCE).until(worker::isReady);
      return rig.verdictOf(id);
    }
  }

  private static Path resource(String name) throws IOException {
    Path file = folder.resolve(name);
    try (InputStream in = KeysTest.class.getResourceAsStream("/dev/utter/worker/signing/" + name)) {
      Files.copy(in, file);
    }
    return file;
  }
}
