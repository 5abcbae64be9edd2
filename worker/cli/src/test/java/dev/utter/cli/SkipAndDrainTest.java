package dev.utter.cli;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.utter.embedded.faults.FaultyHttp;
import dev.utter.embedded.faults.Interception;
import dev.utter.events.ContextUtterance;
import dev.utter.events.FailureCode;
import dev.utter.events.GenerationOptions;
import dev.utter.events.ObjectReference;
import dev.utter.events.SynthesisRequested;
import dev.utter.events.Topics;
import dev.utter.worker.avro.EventSerializer;
import java.io.IOException;
import java.net.URI;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.clients.producer.RecordMetadata;
import org.apache.kafka.common.utils.Utils;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Records that stages cannot get past, and a worker that is drained. */
@Tag("integration")
class SkipAndDrainTest {
  private static final String SLOW = "context/slow.wav";
  private static final int SERVICE_UNAVAILABLE = 503;

  /** Ids whose partition is 0. */
  private static final String POISON = idInPartition0("poison");

  private static final String BEHIND = idInPartition0("behind");

  @TempDir private Path folder;
  private ChildWorkers workers;
  private FaultyHttp store;
  private FaultyHttp registry;
  private PublishedRecords published;
  private KafkaProducer<byte[], byte[]> producer;
  private EventSerializer serializer;

  @BeforeEach
  void start() {
    workers = new ChildWorkers(folder);
    store = new FaultyHttp(port(workers.stack.s3Endpoint()), (exchange, status) -> {});
    registry = new FaultyHttp(port(workers.stack.schemaRegistryUrl()), (exchange, status) -> {});
    published = new PublishedRecords(workers.stack);
    producer = workers.producer(Map.of());
    serializer =
        new EventSerializer(Map.of("schema.registry.url", workers.stack.schemaRegistryUrl()));
  }

  @AfterEach
  void stop() {
    serializer.close();
    producer.close();
    published.close();
    workers.close();
    registry.close();
    store.close();
  }

  @Test
  void stuckRecordsAreSkippedWithOneOutcomeEachAndTheWorkerIsDrained() throws Exception {
    // Given: a record in a lane whose context the store does not give, and no worker
    store.add(
        Interception.refuse(
            exchange -> exchange.path().endsWith(SLOW), SERVICE_UNAVAILABLE, "SlowDown"));
    RecordMetadata before = publish(Topics.WORK_NORMAL, "before", slow("before"));

    // When
    CommandRun dry = skip(before, "--stage", "synthesis", "--json");
    CommandRun unnamed = skip(before, "--yes");
    CommandRun ordered = skip(before, "--stage", "synthesis", "--note", "no worker runs", "--yes");
    CommandRun other = skip("utter.work.normal-0@99", "--json");

    // Then
    assertThat(dry.exitCode()).as(dry.err()).isZero();
    JsonNode facts = new ObjectMapper().readTree(dry.out());
    assertThat(facts.path("key").asText()).isEqualTo("before");
    assertThat(facts.at("/stages/synthesis/state").asText()).isEqualTo("LATER");
    assertThat(unnamed.exitCode()).isEqualTo(2);
    assertThat(unnamed.err()).contains("synthesis, status");
    assertThat(ordered.exitCode()).as(ordered.err()).isZero();
    assertThat(other.exitCode()).isEqualTo(1);
    assertThat(other.out()).contains("there is no such record");

    // Given: a worker, and a record in front of a stage that cannot find its schema
    int schema = workers.register("other", "AVRO", "\"string\"");
    registry.add(
        Interception.answer(
            exchange -> exchange.path().contains("/schemas/ids/" + schema),
            500,
            "application/json",
            "{\"error_code\":50001,\"message\":\"broken\"}"));
    ChildWorkers.Child worker =
        workers.worker(
            "worker",
            Map.of(
                "UTTER_STORAGE_ENDPOINT", store.url("worker"),
                "UTTER_REGISTRY_URL", registry.url("worker")));
    workers.awaitReady(worker);
    byte[] unknown =
        ByteBuffer.allocate(7).put((byte) 0).putInt(schema).put(new byte[] {2, 97}).array();
    RecordMetadata stuck = publish(Topics.REQUESTS, 0, POISON, unknown);
    publish(Topics.REQUESTS, BEHIND, request(BEHIND).build());
    RecordMetadata inLane = publish(Topics.WORK_NORMAL, "in-lane", slow("in-lane"));

    // Then: what was ordered without a worker is done
    assertThat(published.failed("before").getCode()).isEqualTo(FailureCode.INTERNAL);
    assertThat(published.failed("before").getAttempt()).isZero();
    assertThat(published.deadLetter(before)).isEqualTo("SKIPPED_BY_OPERATOR no worker runs");
    await()
        .atMost(ChildWorkers.PATIENCE)
        .pollInSameThread()
        .until(() -> worker.said().contains("Trying again") && worker.said().contains("postponed"));
    assertThat(published.outcomes(POISON) + published.outcomes("in-lane")).isZero();

    // When
    CommandRun stage = skip(stuck, "--note", "schema lost", "--yes", "--wait");
    CommandRun lane = skip(inLane, "--stage", "synthesis", "--yes", "--wait", "--json");

    // Then
    assertThat(stage.exitCode()).as(stage.out() + stage.err()).isZero();
    assertThat(lane.exitCode()).as(lane.out() + lane.err()).isZero();
    assertThat(lane.out()).contains("\"result\":\"skipped\"");
    assertThat(published.failed("in-lane").getMessage()).contains("an operator had");
    assertThat(published.deadLetter(inLane)).startsWith("SKIPPED_BY_OPERATOR");
    assertThat(published.deadLetter(stuck)).isEqualTo("SKIPPED_BY_OPERATOR schema lost");
    assertThat(published.failed(POISON).getCode()).isEqualTo(FailureCode.INTERNAL);
    assertThat(published.completed(BEHIND).getAttempt()).isEqualTo(1);
    assertThat(List.of("before", POISON, "in-lane", BEHIND))
        .allSatisfy(id -> assertThat(published.outcomes(id)).isEqualTo(1));
    assertThat(skip(inLane, "--stage", "synthesis", "--yes").exitCode()).isEqualTo(1);

    // When
    String port = Integer.toString(worker.port());
    CommandRun status =
        CommandRun.of("drain", "--config", config(), "--port", port, "--status", "--json");
    CommandRun drained =
        CommandRun.of("drain", "--config", config(), "--port", port, "--wait", "--exit");

    // Then
    assertThat(status.out()).contains("\"state\":\"WORKING\"");
    assertThat(drained.exitCode()).as(drained.out() + drained.err()).isZero();
    assertThat(worker.exitCode()).as(worker.said()).isZero();
    assertThat(worker.said()).contains("Worker drained", "Worker stopped");
    assertThat(CommandRun.of("drain", "--config", config(), "--port", port).exitCode())
        .isEqualTo(3);
  }

  private CommandRun skip(RecordMetadata record, String... options) throws IOException {
    return skip(record.topic() + "-" + record.partition() + "@" + record.offset(), options);
  }

  private CommandRun skip(String record, String... options) throws IOException {
    String[] arguments = new String[options.length + 4];
    arguments[0] = "skip";
    arguments[1] = record;
    arguments[2] = "--config";
    arguments[3] = config();
    System.arraycopy(options, 0, arguments, 4, options.length);
    return CommandRun.of(arguments);
  }

  private RecordMetadata publish(String topic, String key, SynthesisRequested request)
      throws Exception {
    return publish(topic, 0, key, serializer.serialize(Topics.REQUESTS, request));
  }

  private RecordMetadata publish(String topic, int partition, String key, byte[] value)
      throws Exception {
    return producer.send(new ProducerRecord<>(topic, partition, key.getBytes(UTF_8), value)).get();
  }

  private static String idInPartition0(String name) {
    return IntStream.range(0, 100)
        .mapToObj(number -> name + "-" + number)
        .filter(
            id ->
                Utils.toPositive(Utils.murmur2(id.getBytes(UTF_8))) % ChildWorkers.PARTITIONS == 0)
        .findFirst()
        .orElseThrow();
  }

  private static SynthesisRequested.Builder request(String id) {
    return SynthesisRequested.newBuilder()
        .setRequestId(id)
        .setText("Hello.")
        .setOptions(GenerationOptions.newBuilder().setMaxDurationMillis(1000).setSeed(7L).build())
        .setRequestedAt(Instant.now());
  }

  private static SynthesisRequested slow(String id) {
    return request(id)
        .setContext(
            List.of(
                new ContextUtterance(
                    0, "Hello.", new ObjectReference(ChildWorkers.BUCKET, SLOW, null))))
        .build();
  }

  private static int port(String url) {
    return URI.create(url).getPort();
  }

  private String config() throws IOException {
    return Files.writeString(
            folder.resolve("operator.yaml"),
            """
            worker: {name: operator, roles: [status]}
            kafka: {bootstrapServers: "%s"}
            registry: {url: "%s"}
            """
                .formatted(workers.stack.bootstrapServers(), workers.stack.schemaRegistryUrl()))
        .toString();
  }
}
