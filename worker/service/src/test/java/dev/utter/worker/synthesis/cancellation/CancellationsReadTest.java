package dev.utter.worker.synthesis.cancellation;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.utter.worker.publisher.PublisherKey;
import dev.utter.worker.synthesis.TestingClock;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.lang.reflect.Proxy;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.locks.LockSupport;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.MockConsumer;
import org.apache.kafka.clients.consumer.OffsetAndTimestamp;
import org.apache.kafka.common.PartitionInfo;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.TimeoutException;
import org.apache.kafka.common.header.internals.RecordHeaders;
import org.apache.kafka.common.record.TimestampType;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** How cancellations are read, with Kafka's own consumer and no broker behind it. */
class CancellationsReadTest {
  private static final Duration PATIENCE = Duration.ofSeconds(30);
  private static final Instant NOW = Instant.parse("2026-01-10T00:00:00Z");
  private static final TopicPartition ONE = new TopicPartition("cancellations", 0);
  private static final TopicPartition TWO = new TopicPartition("cancellations", 1);

  private final TestingClock clock = new TestingClock(NOW);
  private final List<String> reports = new CopyOnWriteArrayList<>();
  private final AtomicReference<Throwable> failure = new AtomicReference<>();
  private final Map<TopicPartition, Long> found = new HashMap<>();
  private final Map<TopicPartition, Long> sought = new HashMap<>();
  private final MockConsumer<byte[], byte[]> kafka = new MockConsumer<>("earliest");
  private final Cancellations cancellations =
      new Cancellations(
          this::consumer,
          ONE.topic(),
          new PublisherKey(PublisherKey.HEADER),
          CancellationMemory.defaults(),
          (id, publisher) -> reports.add(id + " of " + publisher),
          broken -> reports.add(broken.getMessage()),
          new CancellationListener() {},
          clock);

  @SuppressWarnings("unchecked")
  private Consumer<byte[], byte[]> consumer() {
    if (failure.get() instanceof Error error) {
      throw error;
    }
    return (Consumer<byte[], byte[]>)
        Proxy.newProxyInstance(
            Consumer.class.getClassLoader(),
            new Class<?>[] {Consumer.class},
            (proxy, method, arguments) -> call(method, arguments));
  }

  /** Finds the offsets by time that the test has set, and pauses in every poll. */
  @SuppressWarnings("unchecked")
  private Object call(Method method, Object[] arguments) throws Throwable {
    switch (method.getName()) {
      case "offsetsForTimes" -> {
        return offsets((Map<TopicPartition, Long>) arguments[0]);
      }
      case "poll" -> {
        LockSupport.parkNanos(1_000_000);
        if (failure.get() instanceof RuntimeException why) {
          throw why;
        }
      }
      default -> {}
    }
    try {
      return method.invoke(kafka, arguments);
    } catch (InvocationTargetException e) {
      throw e.getCause();
    }
  }

  private Map<TopicPartition, OffsetAndTimestamp> offsets(Map<TopicPartition, Long> times) {
    sought.putAll(times);
    Map<TopicPartition, OffsetAndTimestamp> offsets = new HashMap<>();
    times.forEach(
        (partition, time) -> {
          Long offset = found.get(partition);
          offsets.put(partition, offset == null ? null : new OffsetAndTimestamp(offset, time));
        });
    return offsets;
  }

  private void log(long start, long end, TopicPartition... partitions) {
    synchronized (kafka) {
      List<PartitionInfo> infos =
          List.of(partitions).stream()
              .map(each -> new PartitionInfo(each.topic(), each.partition(), null, null, null))
              .toList();
      kafka.updatePartitions(ONE.topic(), infos);
      for (TopicPartition partition : partitions) {
        kafka.updateBeginningOffsets(Map.of(partition, start));
        kafka.updateEndOffsets(Map.of(partition, end));
      }
    }
  }

  private void start() {
    cancellations.start();
    await().atMost(PATIENCE).until(() -> kafka.assignment().contains(ONE));
  }

  private static ConsumerRecord<byte[], byte[]> record(
      long offset, Instant at, byte[] key, byte[] value, String publisher) {
    RecordHeaders headers = new RecordHeaders();
    if (publisher != null) {
      headers.add(PublisherKey.HEADER, publisher.getBytes(UTF_8));
    }
    return new ConsumerRecord<>(
        ONE.topic(),
        0,
        offset,
        at.toEpochMilli(),
        TimestampType.CREATE_TIME,
        1,
        1,
        key,
        value,
        headers,
        Optional.empty());
  }

  private void cancel(long offset, String id, Instant at) {
    kafka.addRecord(record(offset, at, id.getBytes(UTF_8), new byte[1], null));
  }

  private boolean contains(String id) {
    return cancellations.contains(id, PublisherKey.NONE);
  }

  @AfterEach
  void close() {
    cancellations.close();
    assertThat(Thread.getAllStackTraces().keySet())
        .extracting(Thread::getName)
        .doesNotContain("utter-cancellations");
  }

  @Test
  void isReadyOnceEverythingThatWasThereIsRead() {
    // Given
    log(0, 2, ONE);
    assertThat(cancellations.waitingFor())
        .contains("topic cancellations: it has not been read yet");
    start();

    // When
    cancel(0, "a", NOW);
    await().atMost(PATIENCE).until(() -> contains("a"));
    boolean before = cancellations.caughtUp().isDone();
    cancel(1, "b", NOW);

    // Then
    await().atMost(PATIENCE).until(() -> cancellations.caughtUp().isDone());
    assertThat(before).isFalse();
    assertThat(contains("b")).isTrue();
    assertThat(contains("c")).isFalse();
    assertThat(cancellations.waitingFor()).isEmpty();
    assertThat(reports).containsExactly("a of " + PublisherKey.NONE, "b of " + PublisherKey.NONE);
  }

  @Test
  void readsFromTheTimeThatMattersWithAMargin() {
    // Given
    found.put(ONE, 25_000L);
    log(0, 30_000, ONE);

    // When
    start();

    // Then
    await().atMost(PATIENCE).until(() -> kafka.position(ONE) == 15_000);
    assertThat(sought).isEqualTo(Map.of(ONE, NOW.minus(Duration.ofDays(7)).toEpochMilli()));
  }

  @Test
  void readsFromTheBeginningWhereTheMarginReachesItOrNoRecordIsLateEnough() {
    // Given
    found.put(ONE, 5_000L);
    log(100, 30_000, ONE, TWO);

    // When
    start();

    // Then
    await().atMost(PATIENCE).until(() -> kafka.position(ONE) == 100 && kafka.position(TWO) == 100);
  }

  @Test
  void anImpossibleTimeAndThatOfANewRecordCountAsThePresent() {
    // Given
    log(0, 5, ONE);
    start();

    // When
    cancel(0, "before", Instant.parse("1999-12-31T23:59:59.999Z"));
    cancel(1, "old", NOW.minus(Duration.ofDays(8)));
    cancel(2, "future", NOW.plusMillis(1));
    cancel(3, "first", Instant.parse("2000-01-01T00:00:00Z"));
    cancel(4, "recent", NOW.minus(Duration.ofDays(6)));
    cancel(5, "arrived", NOW.minus(Duration.ofDays(8)));

    // Then
    await().atMost(PATIENCE).until(() -> contains("arrived"));
    assertThat(List.of("before", "future", "recent")).allMatch(this::contains);
    assertThat(List.of("old", "first")).noneMatch(this::contains);

    // When
    clock.advance(Duration.ofDays(2));

    // Then
    assertThat(contains("recent")).isFalse();
    assertThat(contains("future")).isTrue();
  }

  @Test
  void aRecordWithoutAValidIdOrPublisherCancelsNothing() {
    // Given
    log(0, 5, ONE);
    start();

    // When
    kafka.addRecord(record(0, NOW, "deleted".getBytes(UTF_8), null, null));
    kafka.addRecord(record(1, NOW, "no id".getBytes(UTF_8), new byte[1], null));
    kafka.addRecord(record(2, NOW, null, new byte[1], null));
    kafka.addRecord(record(3, NOW, "unknown".getBytes(UTF_8), new byte[1], "not a key"));
    kafka.addRecord(record(4, NOW, "good".getBytes(UTF_8), new byte[1], "team"));

    // Then
    await().atMost(PATIENCE).until(() -> !reports.isEmpty());
    assertThat(reports).containsExactly("good of team");
    assertThat(cancellations.contains("good", "team")).isTrue();
    assertThat(cancellations.contains("good", "other")).isFalse();
  }

  @Test
  void aNewPartitionIsReadWithinAMinute() {
    // Given
    log(0, 0, ONE);
    start();
    await().atMost(PATIENCE).until(() -> cancellations.caughtUp().isDone());

    // When
    log(0, 1, ONE, TWO);
    clock.advance(Duration.ofMinutes(1));

    // Then
    await().atMost(PATIENCE).until(() -> kafka.assignment().contains(TWO));
    assertThat(kafka.assignment()).containsExactlyInAnyOrder(ONE, TWO);
  }

  @Test
  void aReaderThatStopsReadingIsReportedAfterAMinute() {
    // Given
    log(0, 0, ONE);
    start();
    await().atMost(PATIENCE).until(() -> cancellations.caughtUp().isDone());

    // When
    failure.set(new IllegalStateException("cannot read"));
    await().atMost(PATIENCE).until(() -> !Thread.State.RUNNABLE.equals(reader()) && kafka.closed());
    clock.advance(Duration.ofMinutes(1));
    boolean before = cancellations.waitingFor().isPresent();
    clock.advance(Duration.ofMillis(1));

    // Then
    assertThat(before).isFalse();
    assertThat(cancellations.waitingFor())
        .contains("topic cancellations: java.lang.IllegalStateException: cannot read");
  }

  private static Thread.State reader() {
    return Thread.getAllStackTraces().keySet().stream()
        .filter(thread -> thread.getName().equals("utter-cancellations"))
        .findFirst()
        .map(Thread::getState)
        .orElse(Thread.State.TERMINATED);
  }

  @Test
  void aTopicThatIsMissingIsNamed() {
    // Given
    log(0, 0);

    // When
    cancellations.start();

    // Then
    await()
        .atMost(PATIENCE)
        .until(
            () ->
                cancellations
                    .waitingFor()
                    .filter(why -> why.endsWith("topic cancellations is missing"))
                    .isPresent());
  }

  @Test
  void brokersThatDoNotAnswerAboutPartitionsDoNotStopTheReading() {
    // Given
    log(0, 0, ONE);
    start();
    await().atMost(PATIENCE).until(() -> cancellations.caughtUp().isDone());

    // When
    kafka.setOffsetsException(new TimeoutException("slow"));
    log(0, 1, ONE, TWO);
    clock.advance(Duration.ofMinutes(1));
    cancel(0, "a", NOW);

    // Then
    await().atMost(PATIENCE).until(() -> contains("a"));
    assertThat(kafka.closed()).isFalse();
  }

  @Test
  void anErrorOfTheProgramBreaksTheWorker() {
    // Given
    failure.set(new NoSuchMethodError("poll"));

    // When
    cancellations.start();

    // Then
    await().atMost(PATIENCE).until(() -> !reports.isEmpty());
    assertThat(reports)
        .containsExactly("cancellations cannot be read: java.lang.NoSuchMethodError: poll");
  }
}
