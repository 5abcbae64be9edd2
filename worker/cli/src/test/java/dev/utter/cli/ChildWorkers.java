package dev.utter.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.utter.embedded.EmbeddedStack;
import dev.utter.embedded.EmbeddedStackSettings;
import dev.utter.embedded.host.LoopbackPorts;
import dev.utter.producer.command.ProduceCommand;
import dev.utter.worker.storage.ObjectStore;
import dev.utter.worker.storage.OwnBuckets;
import dev.utter.worker.storage.StorageSettings;
import dev.utter.worker.storage.object.ObjectLocation;
import dev.utter.worker.storage.secret.StorageCredentials;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import picocli.CommandLine;

/** A separate embedded stack with workers of the development model, each in a separate process. */
final class ChildWorkers implements AutoCloseable {
  static final Path HOME = Path.of(System.getProperty("utter.home"));
  static final Duration PATIENCE = Duration.ofMinutes(2);
  static final String BUCKET = "utter";
  static final int PARTITIONS = 2;

  final EmbeddedStack stack = EmbeddedStack.start(EmbeddedStackSettings.temporary());
  private final Path folder;
  private final HttpClient http = HttpClient.newHttpClient();
  private final List<Child> children = new ArrayList<>();

  /** A process; its output goes to the log. */
  record Child(Process process, int port, Path log) {
    int exitCode() throws InterruptedException {
      assertThat(process.waitFor(PATIENCE.toSeconds(), TimeUnit.SECONDS)).isTrue();
      return process.exitValue();
    }

    String said() throws IOException {
      return Files.readString(log);
    }
  }

  /** Keeps the workers' state and logs in the folder. */
  ChildWorkers(Path folder) {
    this.folder = folder;
    stack.createTopics(PARTITIONS);
    stack.createBucket(BUCKET);
  }

  /** Starts the worker as its users do. */
  Child worker(String name) throws IOException {
    return worker(name, Map.of());
  }

  /**
   * Starts the worker as its users do.
   *
   * @param environment variables that are added to those for the stack, or replace them
   * @param options further options of the command
   */
  Child worker(String name, Map<String, String> environment, String... options) throws IOException {
    return start(
        name,
        environment,
        Stream.concat(
                Stream.of(Main.class.getName(), "worker", "--config", noSettings()),
                Stream.of(options))
            .toArray(String[]::new));
  }

  Child start(String name, String... arguments) throws IOException {
    return start(name, Map.of(), arguments);
  }

  Child start(String name, Map<String, String> environment, String... arguments)
      throws IOException {
    int port = LoopbackPorts.free();
    Path log = folder.resolve(name + ".log");
    List<String> command =
        new ArrayList<>(
            List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Xmx512m",
                "-XX:+ExitOnOutOfMemoryError",
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
    builder.environment().putAll(environment);
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
        Map.entry("UTTER_MODEL_SOURCE", model.toString()),
        Map.entry("UTTER_HTTP_ADDRESS", "127.0.0.1"),
        Map.entry("UTTER_HTTP_PORT", Integer.toString(port)));
  }

  private String noSettings() throws IOException {
    return Files.writeString(folder.resolve("worker.yaml"), "").toString();
  }

  void awaitReady(Child child) {
    HttpRequest request =
        HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + child.port() + "/health/ready"))
            .build();
    await()
        .atMost(PATIENCE)
        .failFast("the worker ended", () -> !child.process().isAlive())
        .ignoreExceptionsInstanceOf(IOException.class)
        .until(() -> http.send(request, BodyHandlers.discarding()).statusCode() == 200);
  }

  /** Puts an object into the bucket. */
  void put(String key, byte[] content) {
    try (ObjectStore store = store()) {
      store.putIfAbsent(
          ObjectLocation.newest(BUCKET, key), content, "application/octet-stream", Map.of());
    }
  }

  /** A client of the store with all rights. */
  ObjectStore store() {
    return ObjectStore.of(
        StorageSettings.defaults(
            URI.create(stack.s3Endpoint()),
            new StorageCredentials(stack.s3AccessKey(), stack.s3SecretKey())),
        OwnBuckets.NONE);
  }

  /** A producer of bytes; the caller closes it. */
  KafkaProducer<byte[], byte[]> producer(Map<String, Object> properties) {
    Map<String, Object> all = new HashMap<>(properties);
    all.put("bootstrap.servers", stack.bootstrapServers());
    return new KafkaProducer<>(all, new ByteArraySerializer(), new ByteArraySerializer());
  }

  /** Registers a schema; returns its id. */
  int register(String subject, String kind, String schema)
      throws IOException, InterruptedException {
    ObjectMapper json = new ObjectMapper();
    String body = json.writeValueAsString(Map.of("schemaType", kind, "schema", schema));
    HttpRequest request =
        HttpRequest.newBuilder(
                URI.create(stack.schemaRegistryUrl() + "/subjects/" + subject + "/versions"))
            .header("Content-Type", "application/vnd.schemaregistry.v1+json")
            .POST(BodyPublishers.ofString(body))
            .build();
    String answer = http.send(request, BodyHandlers.ofString()).body();
    JsonNode id = json.readTree(answer).path("id");
    assertThat(id.isInt()).as(answer).isTrue();
    return id.asInt();
  }

  /** Publishes and waits for the outcomes; one line of JSON for each. */
  CommandRun produce(String... arguments) {
    Stream<String> where =
        Stream.of(
            "--bootstrap-servers",
            stack.bootstrapServers(),
            "--registry-url",
            stack.schemaRegistryUrl());
    return CommandRun.of(
        new CommandLine(new ProduceCommand()),
        Stream.of(Stream.of("--json"), Stream.of(arguments), where)
            .flatMap(words -> words)
            .toArray(String[]::new));
  }

  /** Records of a topic that a consumer of committed records sees. */
  long records(String topic) {
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

  @Override
  public void close() {
    children.forEach(child -> child.process().destroyForcibly().onExit().join());
    stack.close();
  }
}
