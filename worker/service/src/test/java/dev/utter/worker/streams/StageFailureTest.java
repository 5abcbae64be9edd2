package dev.utter.worker.streams;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.utter.embedded.SharedStack;
import dev.utter.worker.failure.RetryLaterException;
import dev.utter.worker.failure.WorkerBrokenException;
import dev.utter.worker.skip.Skips;
import dev.utter.worker.streams.commit.CommitTime;
import dev.utter.worker.streams.topics.TopicCheck;
import dev.utter.worker.streams.topics.TopicLimits;
import dev.utter.worker.threads.Pause;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.UnaryOperator;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.AlterConfigOp;
import org.apache.kafka.clients.admin.ConfigEntry;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.config.ConfigResource;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.apache.kafka.common.serialization.StringDeserializer;
import org.apache.kafka.streams.processor.api.Record;
import org.awaitility.core.ConditionFactory;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** How the runner of a stage handles failures, on a real broker. */
@Tag("integration")
class StageFailureTest {
  private static final Duration PATIENCE = Duration.ofMinutes(1);

  /**
   * Of an ordinary size. A producer that has to split a batch takes a record of a dozen bytes for
   * part of the larger one before it, and sends the same batch again without end.
   */
  private static final String SMALL = "b".repeat(100);

  @TempDir private Path folder;
  private final String in = "in-" + UUID.randomUUID();
  private final String out = "out-" + UUID.randomUUID();
  private final String servers = SharedStack.get().bootstrapServers();
  private final List<WorkerBrokenException> broken = new CopyOnWriteArrayList<>();
  private final List<String> deadLetters = new CopyOnWriteArrayList<>();
  private final StageActivity activity = new StageActivity();
  private final List<String> seen = new ArrayList<>();
  private Admin admin;
  private KafkaProducer<byte[], byte[]> producer;
  private KafkaConsumer<String, String> consumer;
  private TopicCheck check;
  private TopicLimits limits;
  private StageRunner runner;

  @BeforeEach
  void start() throws Exception {
    Map<String, Object> client = Map.of("bootstrap.servers", servers);
    admin = Admin.create(client);
    admin
        .createTopics(
            List.of(
                new NewTopic(in, 1, (short) 1),
                new NewTopic(out, 1, (short) 1),
                new NewTopic(out + ".letters", 1, (short) 1)))
        .all()
        .get();
    check = TopicCheck.open(Map.of("bootstrap.servers", servers), new Pause());
    limits = new TopicLimits(() -> check.maxMessageBytes(List.of(out)));
    producer = new KafkaProducer<>(client, new ByteArraySerializer(), new ByteArraySerializer());
    consumer =
        new KafkaConsumer<>(
            Map.of(
                "bootstrap.servers",
                servers,
                "group.id",
                "reader-" + UUID.randomUUID(),
                "isolation.level",
                "read_committed",
                "auto.offset.reset",
                "earliest"),
            new StringDeserializer(),
            new StringDeserializer());
    consumer.subscribe(List.of(out));
  }

  @AfterEach
  void stop() {
    if (runner != null) {
      runner.close();
    }
    consumer.close();
    producer.close();
    check.close();
    admin.close();
  }

  @Test
  void failuresWithoutACommitBetweenThemBreakTheStageAndReadinessNamesThem() {
    // Given
    AtomicInteger tries = new AtomicInteger();
    start(
        record -> {
          tries.incrementAndGet();
          throw new KafkaException("the store does not open");
        });

    // When
    publish("a");

    // Then
    patiently()
        .untilAsserted(
            () ->
                assertThat(runner.lastFailure())
                    .hasValueSatisfying(
                        why -> assertThat(why).contains("the store does not open")));
    patiently().until(() -> !broken.isEmpty());
    assertThat(broken.get(0)).hasMessageContaining("the store does not open");
    assertThat(tries.get()).isEqualTo(21);
  }

  @Test
  void aFailureThatPassedIsForgottenWithTheNextCommit() {
    // Given
    AtomicBoolean failed = new AtomicBoolean();
    start(
        record -> {
          if (failed.compareAndSet(false, true)) {
            throw new KafkaException("once");
          }
          return record;
        });

    // When
    publish("a");

    // Then
    awaitSeen("a");
    patiently().until(() -> runner.lastFailure().isEmpty());
    assertThat(broken).isEmpty();
  }

  @Test
  void aTopicWhoseLimitIsLoweredCostsOneThreadAndTheRecordBecomesADeadLetter() throws Exception {
    // Given
    start(record -> record);
    publish("a");
    awaitSeen("a");
    ConfigResource topic = new ConfigResource(ConfigResource.Type.TOPIC, out);
    admin
        .incrementalAlterConfigs(
            Map.of(
                topic,
                List.of(
                    new AlterConfigOp(
                        new ConfigEntry("max.message.bytes", "2000"), AlterConfigOp.OpType.SET))))
        .all()
        .get();

    // When
    publish("x".repeat(3000));
    publish(SMALL);

    // Then
    awaitSeen("a", SMALL);
    patiently().untilAsserted(() -> assertThat(deadLetters).containsExactly(in));
    assertThat(broken).isEmpty();
  }

  @Test
  void aDeadLetterOfAnAbortedTransactionCountsOnce() {
    // Given
    AtomicInteger tries = new AtomicInteger();
    start(
        record -> {
          String value = new String(record.value(), StandardCharsets.UTF_8);
          if (value.equals("poison")) {
            throw new IndexOutOfBoundsException("index 7 of 3");
          }
          if (value.equals("fails at first") && tries.incrementAndGet() < 3) {
            throw new KafkaException("not yet");
          }
          return record;
        });

    // When: both come with one poll, the first handled again with the second
    producer.send(new ProducerRecord<>(in, null, bytes("poison")));
    producer.send(new ProducerRecord<>(in, null, bytes("fails at first")));
    producer.flush();

    // Then
    awaitSeen("fails at first");
    patiently().until(() -> !deadLetters.isEmpty());
    publish("last");
    awaitSeen("fails at first", "last");
    assertThat(deadLetters).containsExactly(in);
  }

  @Test
  void aHandlerThatWaitsForWhatIsDownDoesNotHoldUpTheClose() {
    // Given
    CountDownLatch tried = new CountDownLatch(2);
    start(
        record -> {
          tried.countDown();
          throw new RetryLaterException("the registry is down", null);
        });
    publish("a");
    patiently().until(() -> tried.getCount() == 0);

    // When
    boolean stopped = runner.close(Duration.ofSeconds(20));

    // Then
    assertThat(stopped).isTrue();
  }

  @Test
  void aCloseTakesNoLongerThanItsLimitThoughAHandlerDoesNotReturn() {
    // Given
    CountDownLatch held = new CountDownLatch(1);
    CountDownLatch release = new CountDownLatch(1);
    start(
        record -> {
          held.countDown();
          boolean interrupted = false;
          while (release.getCount() > 0) {
            try {
              release.await();
            } catch (InterruptedException e) {
              interrupted = true;
            }
          }
          if (interrupted) {
            Thread.currentThread().interrupt();
          }
          return record;
        });
    publish("a");
    patiently().until(() -> held.getCount() == 0);
    patiently().until(() -> activity.longestStandstill().compareTo(Duration.ofMillis(50)) > 0);

    // When
    long began = System.nanoTime();
    boolean stopped = runner.close(Duration.ofSeconds(2));
    Duration took = Duration.ofNanos(System.nanoTime() - began);
    release.countDown();

    // Then
    assertThat(stopped).isFalse();
    assertThat(took).isLessThan(Duration.ofSeconds(15));
    patiently().until(() -> activity.longestStandstill().isZero());
  }

  private void start(UnaryOperator<Record<byte[], byte[]>> handler) {
    Pause pause = new Pause();
    Guard guard =
        new Guard(new InPlaceRetry(Duration.ofMinutes(5), pause), limits, activity, Skips.NONE);
    runner =
        new StageRunner(
            new EchoStage(in, out, guard, handler, listener()),
            StreamsProperties.of(
                "app-" + in,
                "worker",
                folder,
                64L << 20,
                Polls.of(500),
                CommitTime.AFTER_EACH_POLL,
                Map.of("bootstrap.servers", servers),
                Map.of(),
                Map.of(),
                // A classic group waits for the session of a thread that died; this one does not.
                Map.of("group.protocol", "streams")),
            pause,
            Duration.ofSeconds(20),
            limits,
            Clock.systemUTC(),
            broken::add);
    runner.start();
  }

  private StageListener listener() {
    return new StageListener() {
      @Override
      public void deadLetter(String topic) {
        deadLetters.add(topic);
      }
    };
  }

  /** The threads of a stage end with the exceptions that this is about. */
  private static ConditionFactory patiently() {
    return await().dontCatchUncaughtExceptions().atMost(PATIENCE);
  }

  private void publish(String value) {
    producer.send(new ProducerRecord<>(in, null, bytes(value)));
    producer.flush();
  }

  private void awaitSeen(String... values) {
    patiently()
        .pollInSameThread()
        .untilAsserted(
            () -> {
              consumer.poll(Duration.ofMillis(100)).forEach(record -> seen.add(record.value()));
              assertThat(seen).containsExactly(values);
            });
  }

  private static byte[] bytes(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }
}
