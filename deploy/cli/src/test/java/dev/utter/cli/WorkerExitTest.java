package dev.utter.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.utter.embedded.EmbeddedStack;
import dev.utter.embedded.EmbeddedStackSettings;
import dev.utter.embedded.LoopbackPorts;
import dev.utter.events.Topics;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** How the process of a worker ends, and what becomes of its work. */
class WorkerExitTest {
  private static final Path HOME = Path.of(System.getProperty("utter.home"));
  private static final Duration PATIENCE = Duration.ofMinutes(2);
  private static final String BUCKET = "utter";
  private static final int PARTITIONS = 2;
  private static final int TOLD_TO_STOP = 143;

  @TempDir private Path folder;
  private final HttpClient http = HttpClient.newHttpClient();
  private final List<Child> children = new ArrayList<>();
  private EmbeddedStack stack;

  private record Child(Process process, int port, Path log) {
    int exitCode() throws InterruptedException {
      assertThat(process.waitFor(PATIENCE.toSeconds(), TimeUnit.SECONDS)).isTrue();
      return process.exitValue();
    }

    String said() throws IOException {
      return Files.readString(log);
    }
  }

  @BeforeEach
  void start() {
    stack = EmbeddedStack.start(EmbeddedStackSettings.temporary());
    stack.createTopics(PARTITIONS);
    stack.createBucket(BUCKET);
  }

  @AfterEach
  void stop() {
    children.forEach(child -> child.process().destroyForcibly().onExit().join());
    stack.close();
  }

  @Test
  void aWorkerWhoseDeviceIsLostEndsWithStatus3AndTheNextOneDoesItsWorkOnce() throws Exception {
    // Given
    Child losing = child("losing", LosingWorker.class.getName());
    awaitReady(losing);

    // When
    CompletableFuture<CommandRun> produced = CompletableFuture.supplyAsync(this::produce);
    int exitCode = losing.exitCode();
    Child next = child("next", Main.class.getName(), "worker", "--config", noSettings());

    // Then
    assertThat(exitCode).as(losing.said()).isEqualTo(3);
    assertThat(losing.said()).contains("the device is lost: ", LosingWorker.LOST);
    CommandRun run = produced.get(PATIENCE.toSeconds(), TimeUnit.SECONDS);
    assertThat(run.exitCode()).as(run.err() + next.said()).isZero();
    JsonNode completed = new ObjectMapper().readTree(run.out());
    assertThat(completed.path("worker").asText()).as(run.out()).isEqualTo("next");
    assertThat(completed.path("attempt").asInt()).as(run.out()).isEqualTo(2);
    assertThat(records(Topics.COMPLETED)).isEqualTo(1);
    assertThat(records(Topics.FAILED)).isZero();
  }

  @Test
  void aWorkerThatIsToldToStopEndsInGoodOrder() throws Exception {
    // Given
    Child worker = child("worker", Main.class.getName(), "worker", "--config", noSettings());
    awaitReady(worker);
    assertThat(folder.resolve("state/worker"))
        .as("RocksDB's library is not in the temporary folder")
        .isDirectoryContaining(file -> file.getFileName().toString().startsWith("librocksdbjni"));

    // When
    worker.process().destroy();

    // Then
    assertThat(worker.exitCode()).as(worker.said()).isEqualTo(TOLD_TO_STOP);
    assertThat(worker.said()).contains("Worker stopped").doesNotContain("ERROR");
  }

  @Test
  void aWorkerThatWaitsForKafkaEndsAtOnceWhenItIsToldToStop() throws Exception {
    // Given
    stack.stopBroker();
    Child worker = child("waiting", Main.class.getName(), "worker", "--config", noSettings());
    await()
        .atMost(PATIENCE)
        .failFast("the worker ended", () -> !worker.process().isAlive())
        .until(() -> worker.said().contains("Start check has not passed"));

    // When
    long before = System.nanoTime();
    worker.process().destroy();
    int exitCode = worker.exitCode();

    // Then
    assertThat(exitCode).as(worker.said()).isEqualTo(TOLD_TO_STOP);
    assertThat(Duration.ofNanos(System.nanoTime() - before)).isLessThan(Duration.ofSeconds(10));
    assertThat(worker.said()).contains(stack.bootstrapServers()).doesNotContain("ERROR");
  }

  private CommandRun produce() {
    return CommandRun.of(
        "produce",
        "--text",
        "I am said by the next one.",
        "--max-duration",
        "2",
        "--json",
        "--bootstrap-servers",
        stack.bootstrapServers(),
        "--registry-url",
        stack.schemaRegistryUrl());
  }

  private Child child(String name, String... arguments) throws IOException {
    int port = LoopbackPorts.free();
    Path log = folder.resolve(name + ".log");
    List<String> command =
        new ArrayList<>(
            List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Xmx512m",
                "-XX:TieredStopAtLevel=1",
                "-Dutter.home=" + HOME,
                "-Dai.djl.offline=true",
                "-Dutter.log.level=INFO",
                "-cp",
                System.getProperty("java.class.path")));
    command.addAll(List.of(arguments));
    ProcessBuilder builder =
        new ProcessBuilder(command).redirectErrorStream(true).redirectOutput(log.toFile());
    builder.environment().keySet().removeIf(variable -> variable.startsWith("UTTER_"));
    builder.environment().putAll(environment(name, port));
    Child child = new Child(builder.start(), port, log);
    children.add(child);
    return child;
  }

  private Map<String, String> environment(String name, int port) {
    Path model = HOME.resolve("worker/speech/models/development");
    return Map.ofEntries(
        Map.entry("OPT_OUT_TRACKING", "true"),
        Map.entry("UTTER_WORKER_NAME", name),
        Map.entry("UTTER_WORKER_DEVELOPMENT", "true"),
        Map.entry("UTTER_KAFKA_BOOTSTRAP_SERVERS", stack.bootstrapServers()),
        Map.entry("UTTER_KAFKA_STATE_FOLDER", folder.resolve("state").toString()),
        Map.entry("UTTER_REGISTRY_URL", stack.schemaRegistryUrl()),
        Map.entry("UTTER_STORAGE_ENDPOINT", stack.s3Endpoint()),
        Map.entry("UTTER_STORAGE_ACCESS_KEY", stack.s3AccessKey()),
        Map.entry("UTTER_STORAGE_SECRET_KEY", stack.s3SecretKey()),
        Map.entry("UTTER_OUTPUT_BUCKET", BUCKET),
        Map.entry("UTTER_MODEL_FOLDER", model.toString()),
        Map.entry("UTTER_HTTP_ADDRESS", "127.0.0.1"),
        Map.entry("UTTER_HTTP_PORT", Integer.toString(port)));
  }

  private String noSettings() throws IOException {
    return Files.writeString(folder.resolve("worker.yaml"), "").toString();
  }

  private void awaitReady(Child child) {
    HttpRequest request =
        HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + child.port() + "/health/ready"))
            .build();
    await()
        .atMost(PATIENCE)
        .failFast("the worker ended", () -> !child.process().isAlive())
        .ignoreExceptionsInstanceOf(IOException.class)
        .until(() -> http.send(request, BodyHandlers.discarding()).statusCode() == 200);
  }

  /** Records of a topic that a consumer of committed records sees. */
  private long records(String topic) {
    try (KafkaConsumer<byte[], byte[]> consumer =
        new KafkaConsumer<>(
            Map.of(
                "bootstrap.servers",
                stack.bootstrapServers(),
                "isolation.level",
                "read_committed",
                "auto.offset.reset",
                "earliest"),
            new ByteArrayDeserializer(),
            new ByteArrayDeserializer())) {
      List<TopicPartition> partitions =
          IntStream.range(0, PARTITIONS).mapToObj(i -> new TopicPartition(topic, i)).toList();
      consumer.assign(partitions);
      Map<TopicPartition, Long> ends = consumer.endOffsets(partitions);
      long records = 0;
      while (!ends.entrySet().stream()
          .allMatch(end -> consumer.position(end.getKey()) >= end.getValue())) {
        records += consumer.poll(Duration.ofMillis(100)).count();
      }
      return records;
    }
  }
}
