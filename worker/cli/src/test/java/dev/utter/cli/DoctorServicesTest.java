package dev.utter.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.utter.embedded.EmbeddedStack;
import dev.utter.embedded.SharedStack;
import dev.utter.embedded.host.LoopbackPorts;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.UUID;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The lines of {@code doctor} that need the services of a worker; here one that verifies. */
@Tag("integration")
class DoctorServicesTest {
  private static final Path WATERMARK =
      Path.of(System.getProperty("utter.home"), "worker/speech/models/development/watermark");

  private final EmbeddedStack stack = SharedStack.get();
  private final String bucket = "doctor-" + UUID.randomUUID();
  @TempDir private Path folder;

  @Test
  void servicesThatAWorkerCanUseAreOk() throws IOException {
    // Given
    stack.createBucket(bucket);

    // When
    CommandRun run =
        CommandRun.of("doctor", "--config", settings(stack.bootstrapServers(), bucket));

    // Then
    assertThat(run.exitCode()).as(run.out()).isZero();
    assertThat(run.out())
        .contains(
            "settings: ok: ",
            "kafka: ok: ",
            "skips: ok: ",
            "registry: ok: ",
            "storage: ok: ",
            "decoder: ok: ",
            "mark and detect: ok: ",
            "model files: not checked: this worker has no model")
        .doesNotContain("not ok");
  }

  @Test
  void aBrokerThatDoesNotAnswerAndAWrongBucketAreTwoLinesWithoutSecrets() throws IOException {
    // Given
    String nobody = "127.0.0.1:" + LoopbackPorts.free();

    // When
    CommandRun run =
        CommandRun.of("doctor", "--limit", "3", "--config", settings(nobody, bucket + "-none"));

    // Then
    assertThat(run.exitCode()).as(run.out()).isEqualTo(1);
    assertThat(run.out())
        .containsPattern("kafka: not ok: .*\n  remedy: .*kafka.bootstrapServers")
        .containsPattern("storage: not ok: .*" + bucket + "-none.*\n  remedy: .*output.bucket")
        .contains("registry: ok: ")
        .doesNotContain(stack.s3SecretKey());
  }

  private String settings(String brokers, String bucketName) throws IOException {
    Path secret = Files.writeString(folder.resolve("secret"), stack.s3SecretKey());
    return Files.writeString(
            folder.resolve("worker.yaml"),
            """
            worker: {name: doctor, roles: [VERIFICATION], development: true}
            kafka: {bootstrapServers: "%s", stateFolder: "%s"}
            registry: {url: "%s"}
            storage: {endpoint: "%s", accessKey: "%s", secretKey: "file:%s"}
            output: {bucket: %s}
            watermark: {source: "%s"}
            """
                .formatted(
                    brokers,
                    folder.resolve("state"),
                    stack.schemaRegistryUrl(),
                    stack.s3Endpoint(),
                    stack.s3AccessKey(),
                    secret,
                    bucketName,
                    WATERMARK))
        .toString();
  }
}
