package dev.utter.worker.synthesis.cancellation;

import static java.util.Objects.requireNonNull;

import dev.utter.worker.avro.UndecodableRecordException;
import dev.utter.worker.failure.WorkerBrokenException;
import dev.utter.worker.publisher.PublisherKey;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.function.BiConsumer;
import java.util.function.Supplier;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.consumer.OffsetAndTimestamp;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.InterruptException;
import org.apache.kafka.common.errors.RetriableException;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The cancelled requests. A cancellation counts for the request of its own publisher only. Every
 * worker reads the topic alone and without a group, on a thread named {@code utter-cancellations},
 * from the oldest time at which a cancellation still matters. The record's key is the id; its value
 * is not needed, so a registry outage delays no cancellation. A record without a value, whose key
 * is no request id, or whose publisher is unknown, cancels nothing.
 *
 * <p>Producers may set any timestamp. A time before the year 2000 or after the present is invalid
 * and is taken as the present; so is any time of a record that arrived while this worker was
 * reading. To find records with such times, reading begins a few thousand records earlier.
 */
public final class Cancellations implements AutoCloseable {
  /** Compressed, each may be as large as a producer's request, and all are in memory at once. */
  private static final int POLL_RECORDS = 20;

  private static final Logger LOGGER = LoggerFactory.getLogger(Cancellations.class);
  private static final Duration POLL = Duration.ofMillis(200);
  private static final Duration REFRESH = Duration.ofMinutes(1);
  private static final Duration PAUSE = Duration.ofSeconds(1);
  private static final Duration METADATA_WAIT = Duration.ofSeconds(10);
  private static final Duration LATE = Duration.ofMinutes(1);
  private static final Instant FIRST_SENSIBLE = Instant.parse("2000-01-01T00:00:00Z");

  /** Records read before that time, in case some of them have wrong timestamps. */
  private static final long MARGIN = 10_000;

  private final Supplier<Consumer<byte[], byte[]>> consumers;
  private final String topic;
  private final Duration retention;
  private final PublisherKey publishers;
  private final CancelledIds ids;
  private final BiConsumer<String, String> listener;
  private final java.util.function.Consumer<WorkerBrokenException> broken;
  private final Clock clock;
  private final CompletableFuture<Void> caughtUp = new CompletableFuture<>();
  private final Thread thread = new Thread(this::run, "utter-cancellations");
  private volatile String trouble = "it has not been read yet";
  private volatile Instant lastRead;
  private volatile boolean closed;

  /**
   * A reader that has not started.
   *
   * @param publishers reads who published a cancellation
   * @param listener is called with each id and who cancelled it, on the reader's thread
   * @param broken is called if the reader cannot go on at all
   */
  public Cancellations(
      Map<String, String> kafka,
      String topic,
      PublisherKey publishers,
      CancellationMemory memory,
      BiConsumer<String, String> listener,
      java.util.function.Consumer<WorkerBrokenException> broken,
      CancellationListener metrics,
      Clock clock) {
    this(() -> consumer(kafka), topic, publishers, memory, listener, broken, metrics, clock);
  }

  /** With given consumers, each for one attempt to read. */
  Cancellations(
      Supplier<Consumer<byte[], byte[]>> consumers,
      String topic,
      PublisherKey publishers,
      CancellationMemory memory,
      BiConsumer<String, String> listener,
      java.util.function.Consumer<WorkerBrokenException> broken,
      CancellationListener metrics,
      Clock clock) {
    this.consumers = consumers;
    this.topic = topic;
    this.retention = memory.retention();
    this.publishers = publishers;
    this.ids = new CancelledIds(memory, metrics);
    this.listener = listener;
    this.broken = broken;
    this.clock = clock;
    this.lastRead = clock.instant();
  }

  private static Consumer<byte[], byte[]> consumer(Map<String, String> kafka) {
    Map<String, Object> properties = new HashMap<>(kafka);
    properties.put(ConsumerConfig.ISOLATION_LEVEL_CONFIG, "read_committed");
    properties.put(ConsumerConfig.ENABLE_AUTO_COMMIT_CONFIG, "false");
    properties.put(ConsumerConfig.AUTO_OFFSET_RESET_CONFIG, "earliest");
    properties.put(ConsumerConfig.ALLOW_AUTO_CREATE_TOPICS_CONFIG, "false");
    properties.put(ConsumerConfig.MAX_POLL_RECORDS_CONFIG, POLL_RECORDS);
    return new KafkaConsumer<>(
        properties, new ByteArrayDeserializer(), new ByteArrayDeserializer());
  }

  public void start() {
    thread.setDaemon(true);
    thread.start();
  }

  /** Completes when everything that was there at the start has been read. */
  public CompletableFuture<Void> caughtUp() {
    return caughtUp;
  }

  /** Whether this publisher has cancelled the request of this id. */
  public boolean contains(String requestId, String publisher) {
    return ids.contains(requestId, publisher, clock.instant());
  }

  /** Why cancellations are not known; empty if they are. */
  public Optional<String> waitingFor() {
    boolean late = lastRead.isBefore(clock.instant().minus(LATE));
    return caughtUp.isDone() && !late
        ? Optional.empty()
        : Optional.of("topic " + topic + ": " + trouble);
  }

  private void run() {
    while (!closed) {
      try (Consumer<byte[], byte[]> consumer = consumers.get()) {
        read(consumer);
      } catch (InterruptException e) {
        return;
      } catch (RuntimeException e) {
        trouble = e.toString();
        LOGGER
            .atWarn()
            .setCause(e)
            .addKeyValue("topic", topic)
            .log("Cancellations cannot be read, trying again");
        pause();
      } catch (Error e) {
        broken.accept(new WorkerBrokenException("cancellations cannot be read: " + e, e));
        return;
      }
    }
  }

  private void read(Consumer<byte[], byte[]> consumer) {
    Set<TopicPartition> assigned = new HashSet<>();
    Map<TopicPartition, Long> ends = new HashMap<>();
    Instant refresh = Instant.MIN;
    while (!closed) {
      if (!clock.instant().isBefore(refresh)) {
        refresh = clock.instant().plus(REFRESH);
        refresh(consumer, assigned, ends);
      }
      for (ConsumerRecord<byte[], byte[]> record : consumer.poll(POLL)) {
        TopicPartition partition = new TopicPartition(record.topic(), record.partition());
        add(record, record.offset() >= requireNonNull(ends.get(partition)));
      }
      if (isPast(consumer, ends)) {
        lastRead = clock.instant();
        trouble = "it was last read at " + lastRead;
        caughtUp.complete(null);
      }
    }
  }

  /**
   * Looks for new partitions. If the brokers do not answer now, known partitions are still read.
   */
  private void refresh(
      Consumer<byte[], byte[]> consumer,
      Set<TopicPartition> assigned,
      Map<TopicPartition, Long> ends) {
    try {
      assignNew(consumer, assigned, ends);
    } catch (RetriableException e) {
      if (assigned.isEmpty()) {
        throw e;
      }
      LOGGER
          .atDebug()
          .addKeyValue("reason", e.toString())
          .log("Partitions of cancellations not looked up");
    }
  }

  private void assignNew(
      Consumer<byte[], byte[]> consumer,
      Set<TopicPartition> assigned,
      Map<TopicPartition, Long> ends) {
    Set<TopicPartition> fresh = new HashSet<>();
    consumer
        .partitionsFor(topic, METADATA_WAIT)
        .forEach(info -> fresh.add(new TopicPartition(info.topic(), info.partition())));
    if (fresh.isEmpty()) {
      throw new IllegalStateException("topic " + topic + " is missing");
    }
    fresh.removeAll(assigned);
    if (fresh.isEmpty()) {
      return;
    }
    ends.putAll(consumer.endOffsets(fresh));
    Map<TopicPartition, Long> begins = consumer.beginningOffsets(fresh);
    Map<TopicPartition, OffsetAndTimestamp> found = offsetsSince(consumer, fresh);
    assigned.addAll(fresh);
    consumer.assign(assigned);
    for (TopicPartition partition : fresh) {
      OffsetAndTimestamp first = found.get(partition);
      long begin = requireNonNull(begins.get(partition));
      // If no record has a time late enough, all timestamps may be wrong.
      consumer.seek(partition, first == null ? begin : Math.max(begin, first.offset() - MARGIN));
    }
  }

  private Map<TopicPartition, OffsetAndTimestamp> offsetsSince(
      Consumer<byte[], byte[]> consumer, Set<TopicPartition> partitions) {
    long since = Math.max(0, clock.instant().minus(retention).toEpochMilli());
    Map<TopicPartition, Long> times = new HashMap<>();
    partitions.forEach(partition -> times.put(partition, since));
    return consumer.offsetsForTimes(times);
  }

  private static boolean isPast(Consumer<byte[], byte[]> consumer, Map<TopicPartition, Long> ends) {
    return !ends.isEmpty()
        && ends.entrySet().stream()
            .allMatch(end -> consumer.position(end.getKey()) >= end.getValue());
  }

  private void add(ConsumerRecord<byte[], byte[]> record, boolean justArrived) {
    if (record.value() == null) {
      return;
    }
    Optional<String> id = CancelledIds.id(record.key());
    Optional<String> publisher = publisher(record);
    if (id.isEmpty() || publisher.isEmpty()) {
      LOGGER
          .atDebug()
          .addKeyValue("partition", record.partition())
          .addKeyValue("offset", record.offset())
          .log("Cancellation ignored: its key is no request id, or its publisher is not known");
      return;
    }
    Instant now = clock.instant();
    Instant at = Instant.ofEpochMilli(record.timestamp());
    boolean sensible = !at.isBefore(FIRST_SENSIBLE) && !at.isAfter(now);
    Instant counted = justArrived || !sensible ? now : at;
    if (ids.add(id.get(), publisher.get(), counted, now)) {
      listener.accept(id.get(), publisher.get());
    }
  }

  private Optional<String> publisher(ConsumerRecord<byte[], byte[]> record) {
    try {
      return Optional.of(publishers.of(record.headers()));
    } catch (UndecodableRecordException e) {
      return Optional.empty();
    }
  }

  private void pause() {
    try {
      synchronized (caughtUp) {
        if (!closed) {
          caughtUp.wait(PAUSE.toMillis());
        }
      }
    } catch (InterruptedException e) {
      closed = true;
    }
  }

  /** Ends the reader without waiting for it. */
  public void stop() {
    closed = true;
    synchronized (caughtUp) {
      caughtUp.notifyAll();
    }
  }

  /** Ends the reader, which takes as long as a poll; interrupts one that takes longer. */
  @Override
  public void close() {
    stop();
    try {
      thread.join(2 * POLL.toMillis());
      thread.interrupt();
      thread.join(PAUSE.toMillis());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
