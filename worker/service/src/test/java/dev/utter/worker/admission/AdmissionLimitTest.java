package dev.utter.worker.admission;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.utter.embedded.EmbeddedStack;
import dev.utter.embedded.EmbeddedStackSettings;
import dev.utter.events.Topics;
import dev.utter.worker.avro.EventSerializer;
import dev.utter.worker.failure.WorkerBrokenException;
import dev.utter.worker.publisher.PublisherKey;
import dev.utter.worker.publisher.PublisherLimits;
import dev.utter.worker.publisher.PublisherSettings;
import dev.utter.worker.streams.StageRunner;
import dev.utter.worker.threads.Pause;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
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

/** Limits of publishers on a real broker: several partitions, several workers, a restart. */
@Tag("integration")
class AdmissionLimitTest {
  private static final Duration PATIENCE = Duration.ofMinutes(2);
  private static final int PARTITIONS = 3;
  private static final int LIMIT = 20;
  private static final int OWN_LIMIT = 7;

  @TempDir private Path stateFolder;
  private final List<WorkerBrokenException> broken = new CopyOnWriteArrayList<>();
  private final List<ConsumerRecord<String, byte[]>> seen = new ArrayList<>();
  private final List<StageRunner> runners = new ArrayList<>();
  private final Instant published = Instant.now();
  private EmbeddedStack stack;
  private EventSerializer serializer;
  private KafkaProducer<byte[], byte[]> producer;
  private KafkaConsumer<String, byte[]> consumer;

  @BeforeEach
  void start() {
    stack = EmbeddedStack.start(EmbeddedStackSettings.temporary());
    stack.createTopics(PARTITIONS);
    serializer = new EventSerializer(AdmissionRunner.registry(stack));
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
  }

  @AfterEach
  void stop() {
    runners.forEach(StageRunner::close);
    consumer.close();
    producer.close();
    serializer.close();
    stack.close();
  }

  @Test
  void aLimitHoldsOverAllPartitionsAndWorkersAndOverRestarts() {
    // Given
    run("one");
    run("two");
    publish("a", 0, LIMIT - 5);
    awaitOutcomes(LIMIT - 5);

    // When: all workers are replaced, and twice the limit comes
    runners.forEach(StageRunner::close);
    runners.clear();
    run("one");
    run("three");
    publish("a", LIMIT, 3 * LIMIT);
    publish("b", 3 * LIMIT, 4 * LIMIT);
    publish("c", 4 * LIMIT, 5 * LIMIT);
    publish("d", 5 * LIMIT, 7 * LIMIT);

    // Then
    awaitOutcomes(LIMIT - 5 + 6 * LIMIT);
    assertThat(admitted("a")).isEqualTo(LIMIT);
    assertThat(admitted("b")).isEqualTo(LIMIT);
    assertThat(admitted("c")).isEqualTo(OWN_LIMIT);
    assertThat(admitted("d")).isEqualTo(2 * LIMIT);
    assertThat(seen).extracting(ConsumerRecord::key).doesNotHaveDuplicates();
    assertThat(broken).isEmpty();
  }

  private long admitted(String publisher) {
    return seen.stream()
        .filter(record -> record.topic().equals(Topics.WORK_NORMAL))
        .filter(record -> PublisherKey.inLane(record.headers()).equals(publisher))
        .count();
  }

  private void publish(String publisher, int from, int to) {
    for (int i = from; i < to; i++) {
      String id = "request-" + i;
      ProducerRecord<byte[], byte[]> record =
          new ProducerRecord<>(
              Topics.REQUESTS,
              null,
              // All at one time, so that a slow test does not restore a part of the limit.
              published.toEpochMilli(),
              id.getBytes(UTF_8),
              serializer.serialize(Topics.REQUESTS, AdmissionRig.request(id).build()));
      record.headers().add(PublisherKey.HEADER, publisher.getBytes(UTF_8));
      producer.send(record);
    }
    producer.flush();
  }

  private void awaitOutcomes(int count) {
    await()
        .atMost(PATIENCE)
        .pollInSameThread()
        .pollInterval(Duration.ofMillis(1))
        .until(
            () -> {
              consumer.poll(Duration.ofMillis(100)).forEach(seen::add);
              return seen.size() >= count;
            });
  }

  private void run(String worker) {
    StageRunner runner =
        new AdmissionRunner(
                stack,
                worker,
                stateFolder.resolve(worker),
                PARTITIONS,
                new PublisherSettings(
                    PublisherKey.HEADER,
                    new PublisherLimits(LIMIT, 0),
                    Map.of("c", new PublisherLimits(OWN_LIMIT, 0), "d", PublisherLimits.NONE)),
                Map.of())
            .build(new Pause(), new AdmissionListener() {}, broken::add);
    runners.add(runner);
    runner.start();
  }
}
