package dev.utter.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.utter.embedded.traces.ReceivedSpan;
import dev.utter.embedded.traces.TraceReceiver;
import dev.utter.events.Topics;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** How the process of a worker ends, and how its work is continued. */
@Tag("integration")
class WorkerExitTest {
  private static final int ENDED_BY_SIGTERM = 143;

  @TempDir private Path folder;
  private final TraceReceiver receiver = TraceReceiver.start();
  private ChildWorkers workers;

  @BeforeEach
  void start() {
    workers = new ChildWorkers(folder);
  }

  @AfterEach
  void stop() {
    workers.close();
    receiver.close();
  }

  @Test
  void aWorkerWhoseDeviceIsLostEndsWithStatus3AndTheNextOneDoesItsWorkOnce() throws Exception {
    // Given
    Map<String, String> traces = Map.of("OTEL_EXPORTER_OTLP_ENDPOINT", receiver.endpoint());
    ChildWorkers.Child losing = workers.start("losing", traces, LosingWorker.class.getName());
    workers.awaitReady(losing);

    // When
    CompletableFuture<CommandRun> produced = CompletableFuture.supplyAsync(this::produce);
    int exitCode = losing.exitCode();
    ChildWorkers.Child next = workers.worker("next", traces);

    // Then
    assertThat(exitCode).as(losing.said()).isEqualTo(3);
    assertThat(losing.said()).contains("the device is lost: ", LosingWorker.LOST);
    CommandRun run = produced.get(ChildWorkers.PATIENCE.toSeconds(), TimeUnit.SECONDS);
    assertThat(run.exitCode()).as(run.err() + next.said()).isZero();
    JsonNode completed = new ObjectMapper().readTree(run.out());
    assertThat(completed.path("worker").asText()).as(run.out()).isEqualTo("next");
    assertThat(completed.path("attempt").asInt()).as(run.out()).isEqualTo(2);
    assertThat(workers.records(Topics.COMPLETED)).isEqualTo(1);
    assertThat(workers.records(Topics.FAILED)).isZero();

    // And
    String id = completed.path("requestId").asText();
    next.process().destroy();
    next.exitCode();
    List<ReceivedSpan> attempts = spans(id, "process " + Topics.WORK_NORMAL);
    assertThat(attempts)
        .extracting(span -> span.attributes().get("utter.outcome"))
        .contains("completed")
        .isSubsetOf("dropped", "completed");
    assertThat(attempts)
        .extracting(ReceivedSpan::traceId)
        .containsOnly(spans(id, "process " + Topics.REQUESTS).get(0).traceId());
  }

  private List<ReceivedSpan> spans(String id, String name) {
    return receiver.spans().stream()
        .filter(span -> id.equals(span.attributes().get("utter.request.id")))
        .filter(span -> span.name().equals(name))
        .toList();
  }

  @Test
  void aWorkerThatIsAskedToStopEndsGracefully() throws Exception {
    // Given
    ChildWorkers.Child worker = workers.worker("worker");
    workers.awaitReady(worker);
    assertThat(folder.resolve("state/worker"))
        .as("RocksDB's library is not in the temporary folder")
        .isDirectoryContaining(file -> file.getFileName().toString().startsWith("librocksdbjni"));

    // When
    worker.process().destroy();

    // Then
    assertThat(worker.exitCode()).as(worker.said()).isEqualTo(ENDED_BY_SIGTERM);
    assertThat(worker.said()).contains("Worker stopped").doesNotContain("ERROR");
  }

  @Test
  void aWorkerThatWaitsForKafkaEndsAtOnceWhenItIsAskedToStop() throws Exception {
    // Given
    workers.stack.stopBroker();
    ChildWorkers.Child worker = workers.worker("waiting");
    await()
        .atMost(ChildWorkers.PATIENCE)
        .failFast("the worker ended", () -> !worker.process().isAlive())
        .until(() -> worker.said().contains("Start check has not passed"));

    // When
    long before = System.nanoTime();
    worker.process().destroy();
    int exitCode = worker.exitCode();

    // Then
    assertThat(exitCode).as(worker.said()).isEqualTo(ENDED_BY_SIGTERM);
    assertThat(Duration.ofNanos(System.nanoTime() - before)).isLessThan(Duration.ofSeconds(10));
    assertThat(worker.said()).contains(workers.stack.bootstrapServers()).doesNotContain("ERROR");
  }

  private CommandRun produce() {
    return workers.produce("--text", "I am said by the next one.", "--max-duration", "2");
  }
}
