package dev.utter.chaos.record;

import dev.utter.chaos.history.Entry.Seen;
import dev.utter.chaos.history.History;
import dev.utter.events.FailureCode;
import dev.utter.events.Topics;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;
import java.util.stream.Stream;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.jspecify.annotations.Nullable;

/**
 * Reads every topic that workers write, from the beginning, as a read_committed consumer, on a
 * separate thread. It continues after restarts of the broker.
 */
public final class TopicRecorder implements AutoCloseable {
  private static final List<String> TOPICS =
      Stream.concat(
              Topics.lanes().stream(),
              Stream.of(
                  Topics.STARTED,
                  Topics.COMPLETED,
                  Topics.FAILED,
                  Topics.DEAD_LETTERS,
                  Topics.VERIFIED))
          .toList();
  private static final Duration POLL = Duration.ofMillis(50);
  private static final long END_SECONDS = 60;

  private final KafkaConsumer<byte[], byte[]> consumer;
  private final List<TopicPartition> partitions;
  private final Facts facts;
  private final History history;
  private final OpenRequests open;
  private final List<Seen> recent = new ArrayList<>();
  private final Map<String, Long> counts = new LinkedHashMap<>();
  private final Thread thread = new Thread(this::run, "chaos-recorder");
  private volatile boolean closing;
  private volatile @Nullable RuntimeException failure;

  /** Starts to read. */
  public TopicRecorder(
      String bootstrapServers, String registryUrl, History history, OpenRequests open) {
    this.history = history;
    this.open = open;
    facts = new Facts(registryUrl);
    consumer =
        new KafkaConsumer<>(
            Map.of(
                "bootstrap.servers",
                bootstrapServers,
                "isolation.level",
                "read_committed",
                "auto.offset.reset",
                "earliest",
                "enable.auto.commit",
                false,
                "reconnect.backoff.max.ms",
                "500"),
            new ByteArrayDeserializer(),
            new ByteArrayDeserializer());
    partitions =
        TOPICS.stream()
            .flatMap(topic -> consumer.partitionsFor(topic).stream())
            .map(info -> new TopicPartition(info.topic(), info.partition()))
            .toList();
    consumer.assign(partitions);
    consumer.seekToBeginning(partitions);
    thread.setDaemon(true);
    thread.start();
  }

  /**
   * Waits for a record, which may have been seen already.
   *
   * @return the first matching record; empty if there is none in time
   */
  public Optional<Seen> await(Predicate<Seen> wanted, Duration limit) throws InterruptedException {
    long deadline = System.nanoTime() + limit.toNanos();
    synchronized (recent) {
      int next = 0;
      while (true) {
        for (; next < recent.size(); next++) {
          if (wanted.test(recent.get(next))) {
            return Optional.of(recent.get(next));
          }
        }
        long left = TimeUnit.NANOSECONDS.toMillis(deadline - System.nanoTime());
        if (left <= 0) {
          return Optional.empty();
        }
        recent.wait(left);
      }
    }
  }

  /** The matching records that were seen so far and are not forgotten. */
  public List<Seen> seen(Predicate<Seen> wanted) {
    synchronized (recent) {
      return recent.stream().filter(wanted).toList();
    }
  }

  /** Forgets the records that {@link #await} has seen so far; the history keeps them. */
  public void forget() {
    synchronized (recent) {
      recent.clear();
    }
  }

  /** Throws if reading has ended. */
  public void requireReading() {
    if (failure != null) {
      throw new IllegalStateException("the topics cannot be read any more", failure);
    }
  }

  /**
   * Reads to the end of every topic and stops.
   *
   * @return records read, by topic
   * @throws IllegalStateException if the end is not reached within a minute
   */
  public Map<String, Long> finish() throws InterruptedException {
    closing = true;
    thread.join();
    requireReading();
    Map<TopicPartition, Long> ends = consumer.endOffsets(partitions);
    long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(END_SECONDS);
    while (ends.entrySet().stream()
        .anyMatch(end -> consumer.position(end.getKey()) < end.getValue())) {
      if (System.nanoTime() > deadline) {
        throw new IllegalStateException("the topics cannot be read to their end");
      }
      consumer.poll(POLL).forEach(this::take);
    }
    return Map.copyOf(counts);
  }

  private void run() {
    try {
      while (!closing) {
        consumer.poll(POLL).forEach(this::take);
      }
    } catch (RuntimeException e) {
      failure = e;
    }
  }

  private void take(ConsumerRecord<byte[], byte[]> record) {
    Seen seen =
        new Seen(
            History.now(),
            record.topic(),
            record.partition(),
            record.offset(),
            Facts.key(record),
            record.timestamp(),
            facts.id(record),
            facts.of(record));
    history.add(seen);
    counts.merge(record.topic(), 1L, Long::sum);
    boolean outcome =
        record.topic().equals(Topics.COMPLETED) || record.topic().equals(Topics.FAILED);
    if (outcome && !FailureCode.DUPLICATE_ID.name().equals(seen.facts().get("code"))) {
      open.ended(seen.id());
    }
    synchronized (recent) {
      recent.add(seen);
      recent.notifyAll();
    }
  }

  @Override
  public void close() {
    closing = true;
    try {
      thread.join();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    consumer.close();
    facts.close();
  }
}
