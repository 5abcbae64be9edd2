package dev.utter.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** {@code worker --check} reports what would keep a worker from starting. */
@Tag("integration")
class WorkerCheckTest {
  @TempDir private Path folder;
  private ChildWorkers workers;

  @BeforeEach
  void start() {
    workers = new ChildWorkers(folder);
  }

  @AfterEach
  void stop() {
    workers.close();
  }

  @Test
  void everythingIsOkWhereAWorkerCouldStart() throws Exception {
    // When
    ChildWorkers.Child check = workers.worker("check", Map.of(), "--check");

    // Then
    assertThat(check.exitCode()).as(check.said()).isZero();
    assertThat(check.said())
        .contains(
            "name: ok",
            "kafka: ok",
            "registry: ok",
            "storage: ok",
            "decoder: ok",
            "model: ok",
            "signing: ok",
            "watermark: ok")
        .doesNotContain("not ok");
  }

  @Test
  void everythingThatIsNotOkIsNamedAtOnce() throws Exception {
    // Given
    workers.stack.stopSchemaRegistry();

    // When
    ChildWorkers.Child check =
        workers.worker(
            "check",
            Map.of(
                "UTTER_OUTPUT_BUCKET",
                "nowhere",
                "UTTER_MODEL_SOURCE",
                folder.resolve("no-model").toString()),
            "--check");

    // Then
    assertThat(check.exitCode()).as(check.said()).isEqualTo(1);
    assertThat(check.said())
        .contains("kafka: ok", "decoder: ok")
        .containsPattern("registry: not ok: .+")
        .containsPattern("storage: not ok: .*nowhere.*")
        .containsPattern("model: not ok: .*no-model.*");
  }

  @Test
  void theSettingsOfTheQuickstartAreThoseOfAWorkerThatCouldStart() throws Exception {
    // Given
    String page = Files.readString(ChildWorkers.HOME.resolve("docs/quickstart.md"));
    String yaml = page.split("```yaml\n", 2)[1].split("```", 2)[0].stripIndent();
    Path file = Files.writeString(folder.resolve("quickstart.yaml"), yaml);

    // When
    ChildWorkers.Child check =
        workers.start(
            "check", Main.class.getName(), "worker", "--config", file.toString(), "--check");

    // Then
    assertThat(check.exitCode()).as(check.said()).isZero();
    assertThat(check.said()).contains("model: ok").doesNotContain("not ok");
  }

  @Test
  void aCheckBesideARunningWorkerOfTheSameNameSaysSo() throws Exception {
    // Given
    ChildWorkers.Child running = workers.worker("worker");
    workers.awaitReady(running);

    // When
    ChildWorkers.Child check =
        workers.worker("check", Map.of("UTTER_WORKER_NAME", "worker"), "--check");

    // Then
    assertThat(check.exitCode()).as(check.said()).isEqualTo(1);
    assertThat(check.said()).containsPattern("name: not ok: .*" + running.process().pid());
  }
}
