package dev.utter.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.utter.worker.settings.Role;
import dev.utter.worker.settings.WorkerSettings;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class WorkerCommandTest {
  private static final Path HOME = Path.of(System.getProperty("utter.home"));

  @TempDir Path folder;

  @Test
  void theSettingsOfTheComposeFileAreComplete() {
    // When
    WorkerSettings settings =
        WorkerSettings.load(
            HOME.resolve("deploy/docker/worker.yaml"),
            Map.of("UTTER_STORAGE_ACCESS_KEY", "a", "UTTER_STORAGE_SECRET_KEY", "b"));

    // Then
    assertThat(settings.worker().roles()).containsExactlyInAnyOrder(Role.values());
    assertThat(settings.kafka().createTopics()).isPresent();
    assertThat(settings.describe()).contains("kafka:19092", "http://registry:8081");
  }

  @Test
  void theComposeFileWaitsForTheWholeStop() throws IOException {
    // Given
    Duration stop =
        WorkerSettings.load(
                HOME.resolve("deploy/docker/worker.yaml"),
                Map.of("UTTER_STORAGE_ACCESS_KEY", "a", "UTTER_STORAGE_SECRET_KEY", "b"))
            .worker()
            .stopTimeout();

    // Then
    Matcher grace =
        Pattern.compile("stop_grace_period: (\\d+)s")
            .matcher(Files.readString(HOME.resolve("docker-compose.yml")));
    assertThat(grace.find()).isTrue();
    assertThat(Duration.ofSeconds(Long.parseLong(grace.group(1)))).isGreaterThan(stop);
  }

  @Test
  void printsTheEffectiveSettingsWithSecretsMasked() throws IOException {
    // Given
    Path secret = Files.writeString(folder.resolve("secret"), "hush");
    String yaml =
        Files.readString(HOME.resolve("deploy/docker/worker.yaml"))
            .replace("env:UTTER_STORAGE_ACCESS_KEY", "access")
            .replace("env:UTTER_STORAGE_SECRET_KEY", "file:" + secret);
    Path file = Files.writeString(folder.resolve("worker.yaml"), yaml);

    // When
    CommandRun run = CommandRun.of("worker", "--config", file.toString(), "--print-config");

    // Then
    assertThat(run.exitCode()).as(run.err()).isZero();
    assertThat(run.out()).contains("bootstrapServers: kafka:19092", "***").doesNotContain("hush");
  }

  @Test
  void aWrongSettingIsAUsageErrorThatNamesIt() throws IOException {
    // Given
    Path file = Files.writeString(folder.resolve("worker.yaml"), "kafka:\n  bootstrap: x\n");

    // When
    CommandRun run = CommandRun.of("worker", "--config", file.toString());

    // Then
    assertThat(run.exitCode()).isEqualTo(2);
    assertThat(run.err()).contains("kafka.bootstrap");
  }
}
