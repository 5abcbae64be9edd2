package dev.utter.worker.streams;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.utter.embedded.kafka.EmbeddedKafka;
import dev.utter.embedded.kafka.EmbeddedKafkaSettings;
import dev.utter.worker.failure.WorkerBrokenException;
import dev.utter.worker.streams.commit.CommitTime;
import dev.utter.worker.threads.Pause;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.apache.kafka.streams.CloseOptions;
import org.apache.kafka.streams.KafkaStreams;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Stages on a real broker, while some of their runners come and go. */
@Tag("integration")
class StageRestartTest {
  private static final Duration PATIENCE = Duration.ofMinutes(1);
  private static final int PARTITIONS = 8;

  @TempDir private Path folder;
  private final List<WorkerBrokenException> broken = new CopyOnWriteArrayList<>();
  private final List<AutoCloseable> running = new ArrayList<>();
  private final AtomicInteger published = new AtomicInteger();
  private final AtomicInteger seen = new AtomicInteger();
  private final AtomicLong longestNanos = new AtomicLong();
  private final ScheduledExecutorService publisher = Executors.newScheduledThreadPool(1);
  private EmbeddedKafka kafka;
  private KafkaProducer<byte[], byte[]> producer;
  private KafkaConsumer<byte[], byte[]> consumer;
  private Admin admin;

  @BeforeEach
  void start() throws Exception {
    kafka = EmbeddedKafka.start(EmbeddedKafkaSettings.temporary());
    Map<String, Object> client = Map.of("bootstrap.servers", kafka.bootstrapServers());
    admin = Admin.create(client);
    admin
        .createTopics(
            List.of(
                new NewTopic("in", PARTITIONS, (short) 1),
                new NewTopic("out", PARTITIONS, (short) 1),
                new NewTopic("out.letters", 1, (short) 1)))
        .all()
        .get();
    producer = new KafkaProducer<>(client, new ByteArraySerializer(), new ByteArraySerializer());
    consumer =
        new KafkaConsumer<>(
            Map.of(
                "bootstrap.servers",
                kafka.bootstrapServers(),
                "group.id",
                "reader",
                "isolation.level",
                "read_committed",
                "auto.offset.reset",
                "earliest"),
            new ByteArrayDeserializer(),
            new ByteArrayDeserializer());
    consumer.subscribe(List.of("out"));
  }

  @AfterEach
  void stop() throws Exception {
    publisher.shutdownNow();
    for (AutoCloseable runner : running) {
      runner.close();
    }
    consumer.close();
    producer.close();
    admin.close();
    kafka.close();
  }

  @Test
  void noRecordWaitsLongWhileOneOfTwoRunnersIsReplaced() {
    // Given
    StageRunner first = runner("first");
    StageRunner second = runner("second");
    awaitRunning(first);
    awaitRunning(second);
    publisher.scheduleAtFixedRate(this::publish, 0, 50, TimeUnit.MILLISECONDS);
    awaitSeen(40);

    // When
    second.close();
    StageRunner third = runner("third");
    awaitRunning(third);
    awaitSeen(seen.get() + 60);
    publisher.shutdown();

    // Then
    awaitSeen(published.get());
    assertThat(Duration.ofNanos(longestNanos.get())).isLessThan(Duration.ofSeconds(5));
    assertThat(broken).isEmpty();
  }

  @Test
  void noRecordWaitsForTheSessionOfARunnerThatDiesAndComesBackUnderItsName() {
    // Given
    StageRunner first = runner("first");
    KafkaStreams dying = new KafkaStreams(stage(new Pause()).topology(), properties("second"));
    dying.start();
    awaitRunning(first);
    await().atMost(PATIENCE).until(() -> dying.state() == KafkaStreams.State.RUNNING);
    publisher.scheduleAtFixedRate(this::publish, 0, 50, TimeUnit.MILLISECONDS);
    awaitSeen(40);

    // When
    dying.close(
        CloseOptions.timeout(PATIENCE)
            .withGroupMembershipOperation(CloseOptions.GroupMembershipOperation.REMAIN_IN_GROUP));
    StageRunner second = runner("second");
    awaitRunning(second);
    awaitSeen(seen.get() + 60);
    publisher.shutdown();

    // Then
    awaitSeen(published.get());
    assertThat(Duration.ofNanos(longestNanos.get())).isLessThan(Duration.ofSeconds(10));
    assertThat(broken).isEmpty();
  }

  @Test
  void topicsThatAreMissingForAMomentDoNotEndTheStage() throws Exception {
    // Given
    StageRunner runner = runner("only");
    awaitRunning(runner);
    publish();
    awaitSeen(1);

    // When
    admin.deleteTopics(List.of("in")).all().get();
    await().atMost(PATIENCE).until(() -> runner.lastFailure().isPresent() || !broken.isEmpty());
    admin.createTopics(List.of(new NewTopic("in", PARTITIONS, (short) 1))).all().get();

    // Then
    awaitRunning(runner);
    publish();
    awaitSeen(2);
    assertThat(broken).isEmpty();
  }

  private StageRunner runner(String name) {
    Pause pause = new Pause();
    StageRunner runner =
        new StageRunner(
            stage(pause),
            properties(name),
            pause,
            Duration.ofSeconds(20),
            Clock.systemUTC(),
            broken::add);
    running.add(runner);
    runner.start();
    return runner;
  }

  private Stage stage(Pause pause) {
    Guard guard = Guard.of(new InPlaceRetry(Duration.ofSeconds(5), pause));
    return new EchoStage("in", "out", guard, record -> record, new StageListener() {});
  }

  private Properties properties(String name) {
    return StreamsProperties.of(
        "echo-app",
        name,
        folder.resolve(name),
        64L << 20,
        Polls.of(500),
        CommitTime.AFTER_EACH_POLL,
        Map.of("bootstrap.servers", kafka.bootstrapServers()),
        Map.of("session.timeout.ms", "30000", "heartbeat.interval.ms", "3000"),
        Map.of(),
        Map.of());
  }

  private void publish() {
    int number = published.getAndIncrement();
    producer.send(
        new ProducerRecord<>(
            "in",
            number % PARTITIONS,
            Integer.toString(number).getBytes(StandardCharsets.UTF_8),
            Long.toString(System.nanoTime()).getBytes(StandardCharsets.UTF_8)));
  }

  private void awaitRunning(StageRunner runner) {
    await().atMost(PATIENCE).pollInSameThread().until(() -> poll() && runner.isRunning());
  }

  private void awaitSeen(int records) {
    await()
        .atMost(PATIENCE)
        .pollInSameThread()
        .pollInterval(Duration.ofMillis(1))
        .until(() -> poll() && seen.get() >= records);
  }

  private synchronized boolean poll() {
    for (ConsumerRecord<byte[], byte[]> record : consumer.poll(Duration.ofMillis(50))) {
      long sent = Long.parseLong(new String(record.value(), StandardCharsets.UTF_8));
      longestNanos.accumulateAndGet(System.nanoTime() - sent, Math::max);
      seen.incrementAndGet();
    }
    return true;
  }
}
