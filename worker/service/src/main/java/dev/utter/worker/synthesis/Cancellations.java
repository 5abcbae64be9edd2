package dev.utter.worker.synthesis;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.InterruptException;
import org.apache.kafka.common.errors.WakeupException;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The requests nobody wants any more. Every worker reads the whole topic from the beginning, alone
 * and without a group, on a thread named {@code utter-cancellations}. The record's key is the id;
 * its value is not needed, so a registry outage delays no cancellation. A record without a value
 * cancels nothing.
 */
final class Cancellations implements AutoCloseable {
  private static final Logger LOGGER = LoggerFactory.getLogger(Cancellations.class);
  private static final Duration POLL = Duration.ofMillis(200);
  private static final Duration REFRESH = Duration.ofMinutes(1);
  private static final Duration PAUSE = Duration.ofSeconds(1);
  private static final Duration PATIENCE = Duration.ofSeconds(3);

  private final Map<String, Object> properties;
  private final String topic;
  private final int capacity;
  private final Duration retention;
  private final Consumer<String> listener;
  private final Clock clock;
  private final Map<String, Instant> ids = new LinkedHashMap<>();
  private final CompletableFuture<Void> caughtUp = new CompletableFuture<>();
  private final Thread thread = new Thread(this::run, "utter-cancellations");
  private volatile boolean closed;

  Cancellations(
      Map<String, String> kafka,
      String topic,
      int capacity,
      Duration retention,
      Consumer<String> listener,
      Clock clock) {
    this.properties = new HashMap<>(kafka);
    properties.put(ConsumerConfig.ISOLATION_LEVEL_CONFIG, "read_committed");
    properties.put(ConsumerConfig.ENABLE_AUTO_COMMIT_CONFIG, "false");
    properties.put(ConsumerConfig.AUTO_OFFSET_RESET_CONFIG, "earliest");
    this.topic = topic;
    this.capacity = capacity;
    this.retention = retention;
    this.listener = listener;
    this.clock = clock;
  }

  void start() {
    thread.setDaemon(true);
    thread.start();
  }

  /** Completes when everything that was there at the start has been read. */
  CompletableFuture<Void> caughtUp() {
    return caughtUp;
  }

  boolean contains(String requestId) {
    synchronized (ids) {
      return ids.containsKey(requestId);
    }
  }

  private void run() {
    while (!closed) {
      try (KafkaConsumer<byte[], byte[]> consumer =
          new KafkaConsumer<>(
              properties, new ByteArrayDeserializer(), new ByteArrayDeserializer())) {
        read(consumer);
      } catch (WakeupException | InterruptException e) {
        return;
      } catch (KafkaException e) {
        LOGGER
            .atWarn()
            .addKeyValue("reason", e.toString())
            .log("Cancellations cannot be read, trying again");
        pause();
      }
    }
  }

  private void read(KafkaConsumer<byte[], byte[]> consumer) {
    Set<TopicPartition> assigned = new HashSet<>();
    Map<TopicPartition, Long> ends = Map.of();
    Instant refresh = Instant.MIN;
    while (!closed) {
      if (!clock.instant().isBefore(refresh)) {
        refresh = clock.instant().plus(REFRESH);
        if (assignNew(consumer, assigned) && !caughtUp.isDone()) {
          ends = consumer.endOffsets(assigned);
        }
      }
      consumer.poll(POLL).forEach(this::add);
      if (!caughtUp.isDone() && isPast(consumer, ends)) {
        caughtUp.complete(null);
      }
    }
  }

  private boolean assignNew(KafkaConsumer<byte[], byte[]> consumer, Set<TopicPartition> assigned) {
    Set<TopicPartition> all = new HashSet<>();
    consumer
        .partitionsFor(topic)
        .forEach(info -> all.add(new TopicPartition(info.topic(), info.partition())));
    Set<TopicPartition> fresh = new HashSet<>(all);
    fresh.removeAll(assigned);
    if (fresh.isEmpty()) {
      return false;
    }
    consumer.assign(all);
    consumer.seekToBeginning(fresh);
    assigned.addAll(all);
    return true;
  }

  private static boolean isPast(
      KafkaConsumer<byte[], byte[]> consumer, Map<TopicPartition, Long> ends) {
    return !ends.isEmpty()
        && ends.entrySet().stream()
            .allMatch(end -> consumer.position(end.getKey()) >= end.getValue());
  }

  private void add(ConsumerRecord<byte[], byte[]> record) {
    Instant now = clock.instant();
    Instant at = Instant.ofEpochMilli(record.timestamp());
    if (record.key() == null || record.value() == null || at.plus(retention).isBefore(now)) {
      return;
    }
    String id = new String(record.key(), UTF_8);
    synchronized (ids) {
      ids.put(id, now);
      forgetOld(now);
    }
    listener.accept(id);
  }

  private void forgetOld(Instant now) {
    Iterator<Map.Entry<String, Instant>> oldest = ids.entrySet().iterator();
    while (oldest.hasNext()) {
      Instant at = oldest.next().getValue();
      if (ids.size() <= capacity && !at.plus(retention).isBefore(now)) {
        return;
      }
      oldest.remove();
    }
  }

  private void pause() {
    synchronized (caughtUp) {
      try {
        if (!closed) {
          caughtUp.wait(PAUSE.toMillis());
        }
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
      }
    }
  }

  @Override
  public void close() {
    closed = true;
    try {
      // Polls are short; only a broker that does not answer makes an interruption necessary.
      thread.join(PATIENCE.toMillis());
      thread.interrupt();
      thread.join(PATIENCE.toMillis());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
