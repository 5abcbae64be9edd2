package dev.utter.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.ObjectMapper;
import dev.utter.events.TopicSpec;
import dev.utter.events.Topics;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.AlterConfigOp;
import org.apache.kafka.clients.admin.ConfigEntry;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.clients.producer.RecordMetadata;
import org.apache.kafka.common.InvalidRecordException;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.config.ConfigResource;
import org.apache.kafka.common.errors.UnknownMemberIdException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Small compressed records that expand to more than the heap of a worker. */
@Tag("integration")
class CompressedBatchTest {
  /** A consumer holds the record twice, which fills the heap. */
  private static final int HUGE_BYTES = 256 << 20;

  /** Below the limit of a topic for one record. All of them together exceed the worker's heap. */
  private static final int LARGE_BYTES = 1_000_000;

  private static final int LARGE_RECORDS = 600;
  private static final byte NO_AVRO = 1;
  private static final int NEIGHBOURS = 4;
  private static final int OUT_OF_MEMORY = 3;

  @TempDir private Path folder;
  private ChildWorkers workers;
  private KafkaProducer<byte[], byte[]> producer;

  @BeforeEach
  void start() {
    workers = new ChildWorkers(folder);
    producer =
        workers.producer(
            Map.of(
                "compression.type",
                "zstd",
                "max.request.size",
                Integer.toString(2 * HUGE_BYTES),
                "buffer.memory",
                Integer.toString(HUGE_BYTES + (1 << 20))));
  }

  @AfterEach
  void stop() {
    producer.close();
    workers.close();
  }

  @Test
  void aRecordThatExpandsBeyondTheMemoryIsRefusedByTheBroker() throws Exception {
    // Given
    ChildWorkers.Child worker = workers.worker("worker");
    workers.awaitReady(worker);

    // When
    for (String topic : Topics.ofPublishers()) {
      assertThatThrownBy(() -> publish(topic, HUGE_BYTES).get())
          .as(topic)
          .isInstanceOf(ExecutionException.class)
          .hasCauseInstanceOf(InvalidRecordException.class);
    }

    // Then
    assertThat(attemptsOfNeighbours(worker)).hasSize(NEIGHBOURS).containsOnly(1);
  }

  @Test
  void recordsThatTogetherExpandBeyondTheMemoryHarmNoNeighbour() throws Exception {
    // Given
    for (int i = 0; i < LARGE_RECORDS; i++) {
      publish(Topics.REQUESTS, LARGE_BYTES);
    }
    producer.flush();

    // When
    ChildWorkers.Child worker = workers.worker("worker");
    workers.awaitReady(worker);

    // Then
    assertThat(attemptsOfNeighbours(worker)).hasSize(NEIGHBOURS).containsOnly(1);
    assertThat(workers.records(Topics.DEAD_LETTERS)).isEqualTo(LARGE_RECORDS);
  }

  /** Brokers before Kafka 4.4 have no such limit. */
  @Test
  void withoutALimitTheWorkerEndsUntilItsGroupIsMovedOverTheRecord() throws Exception {
    try (Admin admin =
        Admin.create(Map.of("bootstrap.servers", workers.stack.bootstrapServers()))) {
      // Given
      unlimit(admin, Topics.REQUESTS);
      ChildWorkers.Child worker = workers.worker("worker");
      workers.awaitReady(worker);

      // When
      RecordMetadata huge = publish(Topics.REQUESTS, HUGE_BYTES).get();

      // Then
      assertThat(worker.exitCode()).as(worker.said()).isEqualTo(OUT_OF_MEMORY);
      assertThat(worker.said()).contains("java.lang.OutOfMemoryError");

      // When
      moveTo(admin, huge.partition(), huge.offset() + 1);
      ChildWorkers.Child next = workers.worker("worker");
      workers.awaitReady(next);

      // Then
      assertThat(attemptsOfNeighbours(next)).hasSize(NEIGHBOURS).containsOnly(1);
    }
  }

  /** A record that needs no schema from the registry. */
  private Future<RecordMetadata> publish(String topic, int bytes) {
    byte[] value = new byte[bytes];
    value[0] = NO_AVRO;
    return producer.send(new ProducerRecord<>(topic, 0, null, value));
  }

  /** Publishes ordinary requests; returns the attempts of their outcomes. */
  private List<Integer> attemptsOfNeighbours(ChildWorkers.Child worker) throws IOException {
    Path file =
        Files.write(
            folder.resolve("neighbours.jsonl"),
            Collections.nCopies(
                NEIGHBOURS, "{\"text\": \"Good morning.\", \"maxDurationMillis\": 2000}"));
    CommandRun run = workers.produce("--file", file.toString(), "--timeout", "120");
    assertThat(run.exitCode()).as(run.err() + run.out() + worker.said()).isZero();
    assertThat(worker.process().isAlive()).as(worker.said()).isTrue();
    ObjectMapper json = new ObjectMapper();
    List<Integer> attempts = new ArrayList<>();
    for (String line : run.out().lines().toList()) {
      attempts.add(json.readTree(line).path("attempt").asInt());
    }
    return attempts;
  }

  private static void unlimit(Admin admin, String topic) throws Exception {
    AlterConfigOp remove =
        new AlterConfigOp(
            new ConfigEntry(TopicSpec.MAX_DECOMPRESSED_MESSAGE_BYTES, ""),
            AlterConfigOp.OpType.DELETE);
    ConfigResource resource = new ConfigResource(ConfigResource.Type.TOPIC, topic);
    admin.incrementalAlterConfigs(Map.of(resource, List.of(remove))).all().get();
  }

  /** Possible once the session of the dead member has ended. */
  private static void moveTo(Admin admin, int partition, long offset) {
    Map<TopicPartition, OffsetAndMetadata> offsets =
        Map.of(new TopicPartition(Topics.REQUESTS, partition), new OffsetAndMetadata(offset));
    await()
        .atMost(ChildWorkers.PATIENCE)
        .ignoreExceptionsMatching(e -> e.getCause() instanceof UnknownMemberIdException)
        .untilAsserted(
            () -> admin.alterConsumerGroupOffsets("utter-admission", offsets).all().get());
  }
}
