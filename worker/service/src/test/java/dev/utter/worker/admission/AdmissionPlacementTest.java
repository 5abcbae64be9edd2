package dev.utter.worker.admission;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.utter.embedded.EmbeddedStack;
import dev.utter.embedded.EmbeddedStackSettings;
import dev.utter.events.FailureCode;
import dev.utter.events.SynthesisCancelled;
import dev.utter.events.SynthesisFailed;
import dev.utter.events.SynthesisRequested;
import dev.utter.events.Topics;
import dev.utter.worker.avro.EventDeserializer;
import dev.utter.worker.avro.EventSerializer;
import dev.utter.worker.failure.WorkerBrokenException;
import dev.utter.worker.streams.KeyPartitioner;
import dev.utter.worker.streams.StageRunner;
import dev.utter.worker.streams.topics.TopicCheck;
import dev.utter.worker.threads.Pause;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import org.apache.kafka.clients.admin.NewPartitions;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.apache.kafka.common.serialization.StringDeserializer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Admission of records that clients with other partitioners publish, on a real broker. */
@Tag("integration")
class AdmissionPlacementTest {
  private static final Duration PATIENCE = Duration.ofMinutes(1);
  private static final int PARTITIONS = 2;

  @TempDir private Path stateFolder;
  private final List<WorkerBrokenException> broken = new CopyOnWriteArrayList<>();
  private final List<ConsumerRecord<String, byte[]>> seen = new ArrayList<>();
  private final List<String> reports = new CopyOnWriteArrayList<>();
  private EmbeddedStack stack;
  private EventSerializer serializer;
  private EventDeserializer<SynthesisFailed> failures;
  private KafkaProducer<byte[], byte[]> producer;
  private KafkaConsumer<String, byte[]> consumer;
  private StageRunner runner;

  @BeforeEach
  void start() {
    stack = EmbeddedStack.start(EmbeddedStackSettings.temporary());
    stack.createTopics(PARTITIONS);
    serializer = new EventSerializer(AdmissionRunner.registry(stack));
    failures = new EventDeserializer<>(SynthesisFailed.class, AdmissionRunner.registry(stack));
    producer =
        new KafkaProducer<>(
            Map.of("bootstrap.servers", stack.bootstrapServers()),
            new ByteArraySerializer(),
            new ByteArraySerializer());
    consumer =
        new KafkaConsumer<>(
            Map.of(
                "bootstrap.servers", stack.bootstrapServers(),
                "group.id", "reader",
                "isolation.level", "read_committed",
                "auto.offset.reset", "earliest"),
            new StringDeserializer(),
            new ByteArrayDeserializer());
    consumer.subscribe(List.of(Topics.WORK_NORMAL, Topics.FAILED));
    runner = runner(PARTITIONS);
    runner.start();
  }

  @AfterEach
  void stop() {
    runner.close();
    consumer.close();
    producer.close();
    failures.close();
    serializer.close();
    stack.close();
  }

  @Test
  void oneIdInEveryPartitionIsAdmittedOnce() {
    // When
    for (int partition = 0; partition < PARTITIONS; partition++) {
      publish(partition, AdmissionRig.request("a").build());
    }

    // Then
    awaitAllRead();
    assertThat(seen).extracting(ConsumerRecord::topic).containsExactly(Topics.WORK_NORMAL);
    await()
        .atMost(PATIENCE)
        .untilAsserted(
            () ->
                assertThat(reports)
                    .containsExactlyInAnyOrder("forwarded utter.requests", "repeated"));
    assertThat(broken).isEmpty();
  }

  @Test
  void oneIdWithTwoContentsInTwoPartitionsFailsAsDuplicate() {
    // Given
    publish(right("a"), AdmissionRig.request("a").build());
    awaitAllRead();

    // When
    publish(wrong("a"), AdmissionRig.request("a").setText("Something else.").build());

    // Then
    awaitAllRead();
    assertThat(seen)
        .extracting(ConsumerRecord::topic)
        .containsExactly(Topics.WORK_NORMAL, Topics.FAILED);
    assertThat(failures.deserialize(Topics.FAILED, seen.get(1).value()).getCode())
        .isEqualTo(FailureCode.DUPLICATE_ID);
  }

  @Test
  void aCancellationInAnotherPartitionHolds() {
    // Given
    send(
        Topics.CANCELLATIONS,
        wrong("a"),
        "a",
        serializer.serialize(
            Topics.CANCELLATIONS, new SynthesisCancelled("a", AdmissionRig.START)));
    await().atMost(PATIENCE).until(() -> reports.contains("forwarded utter.cancellations"));
    publish(right("b"), AdmissionRig.request("b").build());
    awaitAllRead();

    // When
    publish(right("a"), AdmissionRig.request("a").build());

    // Then
    awaitAllRead();
    assertThat(seen).extracting(ConsumerRecord::key).containsExactly("b", "a");
    assertThat(failures.deserialize(Topics.FAILED, seen.get(1).value()).getCode())
        .isEqualTo(FailureCode.CANCELLED);
  }

  @Test
  void addedPartitionsAreRefusedAtStartAndTheCommandsOfTheRefusalCureThem() throws Exception {
    // Given
    publish(right("a"), AdmissionRig.request("a").build());
    awaitAllRead();
    runner.close();
    Map<String, String> client = Map.of("bootstrap.servers", stack.bootstrapServers());
    try (Pause pause = new Pause();
        TopicCheck check = TopicCheck.open(client, pause)) {
      check
          .admin()
          .createPartitions(
              Map.of(
                  Topics.REQUESTS, NewPartitions.increaseTo(2 * PARTITIONS),
                  Topics.CANCELLATIONS, NewPartitions.increaseTo(2 * PARTITIONS),
                  Topics.LIMITS, NewPartitions.increaseTo(2 * PARTITIONS)))
          .all()
          .get();

      // Then
      for (String store : List.of(AdmissionStage.STORE, AdmissionStage.PUBLISHER_STORE)) {
        String changelog = "utter-admission-" + store + "-changelog";
        assertThatThrownBy(
                () -> check.requireStore("utter-admission", store, 2 * PARTITIONS, "Ids are lost."))
            .isInstanceOf(WorkerBrokenException.class)
            .hasMessageContaining("--delete --topic " + changelog);

        // When
        check.admin().deleteTopics(List.of(changelog)).all().get();
      }
    }
    stateFolder = stateFolder.resolveSibling("emptied");
    runner = runner(2 * PARTITIONS);
    runner.start();

    // Then
    publish(right("b"), AdmissionRig.request("b").build());
    awaitAllRead();
    assertThat(seen).extracting(ConsumerRecord::key).containsExactly("a", "b");
    assertThat(broken).isEmpty();
  }

  private static int right(String id) {
    return KeyPartitioner.partition(id.getBytes(StandardCharsets.UTF_8), PARTITIONS);
  }

  private static int wrong(String id) {
    return (right(id) + 1) % PARTITIONS;
  }

  private void publish(int partition, SynthesisRequested request) {
    send(
        Topics.REQUESTS,
        partition,
        request.getRequestId(),
        serializer.serialize(Topics.REQUESTS, request));
  }

  private void send(String topic, int partition, String key, byte[] value) {
    producer.send(
        new ProducerRecord<>(topic, partition, key.getBytes(StandardCharsets.UTF_8), value));
    producer.flush();
  }

  /** Reads until a request that was published last in every partition has come through. */
  private void awaitAllRead() {
    List<String> last = new ArrayList<>();
    for (int i = 0; last.size() < PARTITIONS; i++) {
      String id = "last-" + seen.size() + "-" + System.nanoTime() + "-" + i;
      if (right(id) == last.size()) {
        last.add(id);
      }
    }
    // What was forwarded is behind what comes now only if it has been forwarded by then.
    awaitThrough(last);
    List<String> afterwards = last.stream().map(AdmissionPlacementTest::inSamePartition).toList();
    awaitThrough(afterwards);
    seen.removeIf(record -> record.key().startsWith("last-"));
  }

  private static String inSamePartition(String id) {
    int i = 0;
    while (right(id + "-" + i) != right(id)) {
      i++;
    }
    return id + "-" + i;
  }

  private void awaitThrough(List<String> ids) {
    for (String id : ids) {
      publish(right(id), AdmissionRig.request(id).build());
    }
    await()
        .atMost(PATIENCE)
        .pollInSameThread()
        .pollInterval(Duration.ofMillis(1))
        .until(
            () -> {
              consumer.poll(Duration.ofMillis(100)).forEach(seen::add);
              return seen.stream().map(ConsumerRecord::key).toList().containsAll(ids);
            });
  }

  private StageRunner runner(int partitions) {
    AdmissionListener listener =
        new AdmissionListener() {
          @Override
          public void repeated() {
            reports.add("repeated");
          }

          @Override
          public void forwarded(String topic) {
            reports.add("forwarded " + topic);
          }
        };
    return AdmissionRunner.of(stack, stateFolder, partitions)
        .build(new Pause(), listener, broken::add);
  }
}
