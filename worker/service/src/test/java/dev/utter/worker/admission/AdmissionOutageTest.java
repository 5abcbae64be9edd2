package dev.utter.worker.admission;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.utter.embedded.EmbeddedStack;
import dev.utter.embedded.EmbeddedStackSettings;
import dev.utter.events.DeadLetterHeaders;
import dev.utter.events.SynthesisRequested;
import dev.utter.events.Topics;
import dev.utter.worker.avro.EventSerializer;
import dev.utter.worker.failure.WorkerBrokenException;
import dev.utter.worker.streams.StageRunner;
import dev.utter.worker.threads.Pause;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
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
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Admission on a real broker, while what it needs comes and goes. */
@Tag("integration")
class AdmissionOutageTest {
  private static final Duration PATIENCE = Duration.ofMinutes(1);

  @TempDir private Path stateFolder;
  private final List<WorkerBrokenException> broken = new CopyOnWriteArrayList<>();
  private final List<String> admitted = new ArrayList<>();
  private final AtomicInteger retries = new AtomicInteger();
  private EmbeddedStack stack;
  private EventSerializer serializer;
  private KafkaProducer<byte[], byte[]> producer;
  private KafkaConsumer<String, byte[]> lane;

  @BeforeEach
  void start() {
    stack = EmbeddedStack.start(EmbeddedStackSettings.temporary());
    stack.createTopics(2);
    serializer = new EventSerializer(AdmissionRunner.registry(stack));
    producer =
        new KafkaProducer<>(
            Map.of("bootstrap.servers", stack.bootstrapServers(), "max.request.size", "2000000"),
            new ByteArraySerializer(),
            new ByteArraySerializer());
    lane =
        new KafkaConsumer<>(
            Map.of(
                "bootstrap.servers", stack.bootstrapServers(),
                "group.id", "lane-reader",
                "isolation.level", "read_committed",
                "auto.offset.reset", "earliest"),
            new StringDeserializer(),
            new ByteArrayDeserializer());
    lane.subscribe(List.of(Topics.WORK_NORMAL));
  }

  @AfterEach
  void stop() {
    lane.close();
    producer.close();
    serializer.close();
    stack.close();
  }

  @Test
  void aRegistryThatIsDownDelaysRequestsAndSkipsNone() {
    // Given
    publish(AdmissionRig.request("a").build());
    stack.stopSchemaRegistry();
    try (StageRunner runner = runner("classic")) {
      runner.start();
      await().dontCatchUncaughtExceptions().atMost(PATIENCE).until(() -> retries.get() > 0);
      publish("b", new byte[] {1});

      // When
      stack.startSchemaRegistry();

      // Then
      awaitAdmitted("a");
      publish(AdmissionRig.request("c").build());
      awaitAdmitted("a", "c");
      assertThat(broken).isEmpty();
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"classic", "streams"})
  void aRestartForgetsNoId(String groupProtocol) {
    // Given
    try (StageRunner runner = runner(groupProtocol)) {
      runner.start();
      publish(AdmissionRig.request("a").build());
      awaitAdmitted("a");
    }

    // When
    try (StageRunner runner = runner(groupProtocol)) {
      runner.start();
      publish(AdmissionRig.request("a").build());
      publish(AdmissionRig.request("b").build());

      // Then
      awaitAdmitted("a", "b");
    }
  }

  @Test
  void everyRequestIsAdmittedOnceAcrossARestartOfTheBroker() {
    // Given
    List<String> ids = IntStream.range(0, 40).mapToObj(i -> "request-" + i).toList();
    try (StageRunner runner = runner("classic")) {
      runner.start();
      ids.subList(0, 20).forEach(id -> publish(AdmissionRig.request(id).build()));

      // When
      stack.restartBroker();
      ids.forEach(id -> publish(AdmissionRig.request(id).build()));

      // Then
      awaitAdmitted(ids.toArray(String[]::new));
      assertThat(broken).isEmpty();
    }
  }

  @Test
  void aDeadLetterTooLargeForItsTopicGoesWithoutItsValueAndHoldsUpNothing() {
    // Given
    byte[] poison = new byte[1_048_400];
    try (StageRunner runner = runner("classic")) {
      runner.start();

      // When
      publish("poison", poison);
      publish(AdmissionRig.request("a").build());

      // Then
      awaitAdmitted("a");
      lane.subscribe(List.of(Topics.DEAD_LETTERS));
      List<ConsumerRecord<String, byte[]>> letters = new ArrayList<>();
      await()
          .atMost(PATIENCE)
          .pollInSameThread()
          .until(
              () -> {
                lane.poll(Duration.ofMillis(200)).forEach(letters::add);
                return !letters.isEmpty();
              });
      assertThat(letters).hasSize(1);
      assertThat(letters.get(0).key()).isEqualTo("poison");
      assertThat(letters.get(0).value()).isNull();
      assertThat(letters.get(0).headers().lastHeader(DeadLetterHeaders.OMITTED).value())
          .asString(StandardCharsets.UTF_8)
          .isEqualTo("1048400 bytes");
      assertThat(broken).isEmpty();
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"classic", "streams"})
  void aLoneRequestIsAdmittedLongBeforeTheCommitInterval(String groupProtocol) {
    // Given
    Duration interval = Duration.ofMinutes(1);
    try (StageRunner runner =
        runner(
            Map.of(
                "group.protocol",
                groupProtocol,
                "commit.interval.ms",
                Long.toString(interval.toMillis())))) {
      runner.start();

      // When
      publish(AdmissionRig.request("a").build());

      // Then
      awaitAdmitted(interval.dividedBy(2), "a");
      publish(AdmissionRig.request("b").build());
      awaitAdmitted(interval.dividedBy(2), "a", "b");
    }
  }

  private StageRunner runner(String groupProtocol) {
    return runner(Map.of("group.protocol", groupProtocol));
  }

  private StageRunner runner(Map<String, String> streams) {
    Pause pause =
        new Pause() {
          @Override
          public boolean await(Duration time) {
            retries.incrementAndGet();
            return super.await(time);
          }
        };
    return AdmissionRunner.of(stack, stateFolder, 2)
        .with(streams)
        .build(pause, new AdmissionListener() {}, broken::add);
  }

  private void publish(SynthesisRequested request) {
    publish(request.getRequestId(), serializer.serialize(Topics.REQUESTS, request));
  }

  private void publish(String key, byte[] value) {
    producer.send(
        new ProducerRecord<>(Topics.REQUESTS, key.getBytes(StandardCharsets.UTF_8), value));
    producer.flush();
  }

  private void awaitAdmitted(String... ids) {
    awaitAdmitted(PATIENCE, ids);
  }

  private void awaitAdmitted(Duration patience, String... ids) {
    await()
        .dontCatchUncaughtExceptions()
        .atMost(patience)
        .pollInSameThread()
        .pollInterval(Duration.ofMillis(1))
        .untilAsserted(
            () -> {
              lane.poll(Duration.ofMillis(200)).forEach(record -> admitted.add(record.key()));
              assertThat(admitted).containsExactlyInAnyOrder(ids);
            });
  }
}
