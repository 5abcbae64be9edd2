package dev.utter.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.utter.events.Topics;
import dev.utter.worker.storage.ObjectStore;
import dev.utter.worker.storage.OwnBuckets;
import dev.utter.worker.storage.StorageSettings;
import dev.utter.worker.storage.object.ObjectLocation;
import dev.utter.worker.storage.secret.StorageCredentials;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.StringDeserializer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

@Tag("integration")
class ForgetCommandTest {
  private static final String ID = "forget-me";

  @TempDir Path folder;
  private ChildWorkers workers;
  private ObjectStore store;

  @BeforeEach
  void start() throws IOException {
    workers = new ChildWorkers(folder);
    store =
        ObjectStore.of(
            StorageSettings.defaults(
                URI.create(workers.stack.s3Endpoint()),
                new StorageCredentials(workers.stack.s3AccessKey(), workers.stack.s3SecretKey())),
            OwnBuckets.NONE);
  }

  @AfterEach
  void stop() {
    store.close();
    workers.close();
  }

  @Test
  void theClipAndTheRowOfARequestAreGoneAndWhatStaysIsNamed() throws Exception {
    // Given
    ChildWorkers.Child worker = workers.worker("worker");
    workers.awaitReady(worker);
    JsonNode kept = produce("keep-me");
    JsonNode completed = produce(ID);
    assertThat(store.find(clip(completed))).isPresent();
    assertThat(lastRow(ID)).isNotNull();

    // When
    CommandRun run = CommandRun.of("forget", ID, "--config", settings());

    // Then
    assertThat(run.exitCode()).as(run.out() + run.err()).isZero();
    assertThat(store.find(clip(completed))).isEmpty();
    assertThat(lastRow(ID)).isNull();
    assertThat(store.find(clip(kept))).isPresent();
    assertThat(lastRow("keep-me")).isNotNull();
    assertThat(run.out())
        .contains("removed: clip " + clip(completed))
        .contains("removed: status row, from utter.status and the status workers' state")
        .contains("stays: records of this id on utter.dead-letters, 7 d after their publication")
        .contains("stays: context recordings");

    // When
    CommandRun again = CommandRun.of("forget", ID, "--config", settings(), "--json");
    CommandRun unknown = CommandRun.of("forget", "unknown-id", "--config", settings());

    // Then
    assertThat(again.exitCode()).as(again.out()).isZero();
    assertThat(again.out()).contains("which was gone already");
    assertThat(unknown.exitCode()).isEqualTo(1);
    assertThat(unknown.out()).contains("no status row and no completed event have this id");
  }

  private JsonNode produce(String id) throws IOException {
    CommandRun run =
        workers.produce("--text", "Good morning.", "--request-id", id, "--max-duration", "1");
    JsonNode line = new ObjectMapper().readTree(run.out());
    assertThat(line.hasNonNull("key")).as(run.out() + run.err()).isTrue();
    return line;
  }

  private static ObjectLocation clip(JsonNode line) {
    return ObjectLocation.newest(line.path("bucket").asText(), line.path("key").asText());
  }

  /** The last value of a key on the status topic; null for a tombstone. */
  private byte[] lastRow(String key) {
    byte[] last = null;
    try (KafkaConsumer<String, byte[]> consumer =
        new KafkaConsumer<>(
            Map.of(
                "bootstrap.servers",
                workers.stack.bootstrapServers(),
                "isolation.level",
                "read_committed"),
            new StringDeserializer(),
            new ByteArrayDeserializer())) {
      var partitions =
          consumer.partitionsFor(Topics.STATUS).stream()
              .map(found -> new TopicPartition(Topics.STATUS, found.partition()))
              .toList();
      consumer.assign(partitions);
      consumer.seekToBeginning(partitions);
      Map<TopicPartition, Long> ends = consumer.endOffsets(partitions);
      while (partitions.stream().anyMatch(at -> consumer.position(at) < ends.get(at))) {
        for (ConsumerRecord<String, byte[]> record : consumer.poll(Duration.ofMillis(200))) {
          if (record.key().equals(key)) {
            last = record.value();
          }
        }
      }
    }
    return last;
  }

  private String settings() throws IOException {
    Path secret = Files.writeString(folder.resolve("secret"), workers.stack.s3SecretKey());
    return Files.writeString(
            folder.resolve("forget.yaml"),
            """
            worker: {name: operator, roles: [status]}
            kafka: {bootstrapServers: "%s"}
            registry: {url: "%s"}
            storage: {endpoint: "%s", accessKey: "%s", secretKey: "file:%s"}
            """
                .formatted(
                    workers.stack.bootstrapServers(),
                    workers.stack.schemaRegistryUrl(),
                    workers.stack.s3Endpoint(),
                    workers.stack.s3AccessKey(),
                    secret))
        .toString();
  }
}
