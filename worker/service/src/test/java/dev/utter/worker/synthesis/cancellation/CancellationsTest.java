package dev.utter.worker.synthesis.cancellation;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.utter.embedded.SharedStack;
import dev.utter.worker.publisher.PublisherKey;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.config.TopicConfig;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

@Tag("integration")
class CancellationsTest {
  private static final Duration PATIENCE = Duration.ofSeconds(60);

  /** A broker that keeps records of any date. */
  private static final Map<String, String> ANY_TIME =
      Map.of(
          TopicConfig.RETENTION_MS_CONFIG,
          "-1",
          TopicConfig.MESSAGE_TIMESTAMP_AFTER_MAX_MS_CONFIG,
          String.valueOf(Long.MAX_VALUE));

  private static final Map<String, String> KAFKA =
      Map.of("bootstrap.servers", SharedStack.get().bootstrapServers());

  private final String topic = "cancellations-" + UUID.randomUUID();
  private final List<String> reports = new CopyOnWriteArrayList<>();
  private final Cancellations cancellations =
      new Cancellations(
          KAFKA,
          topic,
          new PublisherKey(PublisherKey.HEADER),
          CancellationMemory.defaults(),
          (id, publisher) -> reports.add(id),
          broken -> reports.add(broken.toString()),
          new CancellationListener() {},
          Clock.systemUTC());

  private KafkaProducer<byte[], byte[]> producer;

  @AfterEach
  void close() {
    if (producer != null) {
      producer.close();
    }
    cancellations.close();
  }

  @Test
  void knowsACancellationForAsLongAsItsRequestMayWait() throws Exception {
    // Given
    createTopic();
    Instant now = Instant.now();
    cancel("six-days-ago", now.minus(Duration.ofDays(6)).toEpochMilli());
    cancel("eight-days-ago", now.minus(Duration.ofDays(8)).toEpochMilli());

    // When
    readAll();

    // Then
    assertThat(cancellations.contains("six-days-ago", PublisherKey.NONE)).isTrue();
    assertThat(cancellations.contains("eight-days-ago", PublisherKey.NONE)).isFalse();
  }

  @Test
  void takesTheFirstRecordOfManyThousand() throws Exception {
    // Given: more than the margin that is read before the point in time
    createTopic();
    Instant old = Instant.now().minus(Duration.ofDays(9));
    for (int i = 0; i < 11_000; i++) {
      cancel("old-" + i, old.toEpochMilli());
    }
    cancel("first", Instant.now().toEpochMilli());
    for (int i = 0; i < 11_000; i++) {
      cancel("other-" + i, Instant.now().toEpochMilli());
    }

    // When
    readAll();

    // Then
    assertThat(cancellations.contains("first", PublisherKey.NONE)).isTrue();
    assertThat(cancellations.contains("old-10999", PublisherKey.NONE)).isFalse();
    assertThat(reports).hasSize(11_001);
  }

  @Test
  void knowsThePublisherOfACancellationAndIgnoresAnUnknownOne() throws Exception {
    // Given
    createTopic();
    for (String publisher : List.of("a", "not a key")) {
      ProducerRecord<byte[], byte[]> record =
          new ProducerRecord<>(
              topic, 0, Instant.now().toEpochMilli(), "order".getBytes(UTF_8), new byte[1]);
      record.headers().add(PublisherKey.HEADER, publisher.getBytes(UTF_8));
      send(record);
    }

    // When
    readAll();

    // Then
    assertThat(cancellations.contains("order", "a")).isTrue();
    assertThat(cancellations.contains("order", "b")).isFalse();
    assertThat(cancellations.contains("order", PublisherKey.NONE)).isFalse();
    assertThat(reports).containsExactly("order");
  }

  @Test
  void takesAnImpossibleTimeForThePresent() throws Exception {
    // Given
    createTopic();
    cancel("zero", 0);
    cancel("seconds", Instant.now().getEpochSecond());
    cancel("future", Instant.now().plus(Duration.ofDays(4000)).toEpochMilli());

    // When
    readAll();
    // A record that arrives now was cancelled now, with any timestamp.
    cancel("late", Instant.now().minus(Duration.ofDays(30)).toEpochMilli());

    // Then
    await().atMost(PATIENCE).until(() -> cancellations.contains("late", PublisherKey.NONE));
    assertThat(List.of("zero", "seconds", "future"))
        .allMatch(id -> cancellations.contains(id, PublisherKey.NONE));
  }

  @Test
  void ignoresKeysThatAreNoIdsAndRecordsWithoutAValue() throws Exception {
    // Given
    createTopic();
    send(new ProducerRecord<>(topic, "k".repeat(65_536).getBytes(UTF_8), new byte[1]));
    send(new ProducerRecord<>(topic, "no id".getBytes(UTF_8), new byte[1]));
    send(new ProducerRecord<>(topic, null, new byte[1]));
    send(new ProducerRecord<>(topic, "kept".getBytes(UTF_8), null));
    cancel("good", Instant.now().toEpochMilli());

    // When
    readAll();

    // Then
    assertThat(reports).containsExactly("good");
  }

  @Test
  void namesATopicThatIsMissingAndGoesOnWhenItIsThere() throws Exception {
    // Given
    cancellations.start();
    await()
        .atMost(PATIENCE)
        .until(
            () ->
                cancellations
                    .waitingFor()
                    .filter(why -> why.contains(topic) && why.contains("missing"))
                    .isPresent());

    // When
    createTopic();
    cancel("after", Instant.now().toEpochMilli());

    // Then
    await().atMost(PATIENCE).until(() -> cancellations.contains("after", PublisherKey.NONE));
    assertThat(cancellations.waitingFor()).isEmpty();
  }

  @Test
  void forgetsTheOldestOfTooManyAndCountsIt() {
    // Given
    AtomicInteger forgotten = new AtomicInteger();
    CancellationListener listener =
        new CancellationListener() {
          @Override
          public void cancellationForgotten() {
            forgotten.incrementAndGet();
          }
        };
    CancelledIds ids =
        new CancelledIds(new CancellationMemory(3 * 160, Duration.ofDays(7)), listener);
    Instant now = Instant.now();
    List.of("first", "second", "third", "first")
        .forEach(id -> ids.add(id, PublisherKey.NONE, now, now));
    assertThat(forgotten).hasValue(0);

    // When
    ids.add("fourth", PublisherKey.NONE, now, now);
    assertThat(ids.contains("fourth", "another", now)).isFalse();

    // Then
    assertThat(forgotten).hasValue(1);
    assertThat(ids.contains("second", PublisherKey.NONE, now)).isFalse();
    assertThat(List.of("first", "third", "fourth"))
        .allMatch(id -> ids.contains(id, PublisherKey.NONE, now));
  }

  @Test
  void dropsIdsPastTheirRetentionWithoutAWarning() {
    // Given
    AtomicInteger forgotten = new AtomicInteger();
    CancellationListener listener =
        new CancellationListener() {
          @Override
          public void cancellationForgotten() {
            forgotten.incrementAndGet();
          }
        };
    CancelledIds ids = new CancelledIds(new CancellationMemory(160, Duration.ofDays(7)), listener);
    Instant now = Instant.now();
    ids.add("old", PublisherKey.NONE, now, now);
    Instant later = now.plus(Duration.ofDays(7)).plusMillis(1);

    // When
    ids.add("new", PublisherKey.NONE, later, later);

    // Then
    assertThat(forgotten).hasValue(0);
    assertThat(ids.contains("old", PublisherKey.NONE, later)).isFalse();
    assertThat(CancelledIds.id("ok-1".getBytes(US_ASCII))).hasValue("ok-1");
  }

  private void readAll() throws Exception {
    producer.flush();
    cancellations.start();
    cancellations.caughtUp().get(PATIENCE.toSeconds(), TimeUnit.SECONDS);
  }

  private void send(ProducerRecord<byte[], byte[]> record) {
    producer.send(record);
  }

  private void createTopic() throws Exception {
    try (Admin admin = Admin.create(Map.copyOf(KAFKA))) {
      admin.createTopics(List.of(new NewTopic(topic, 1, (short) 1).configs(ANY_TIME))).all().get();
    }
    producer =
        new KafkaProducer<>(
            Map.copyOf(KAFKA), new ByteArraySerializer(), new ByteArraySerializer());
  }

  private void cancel(String id, long at) {
    send(new ProducerRecord<>(topic, 0, at, id.getBytes(UTF_8), new byte[1]));
  }
}
