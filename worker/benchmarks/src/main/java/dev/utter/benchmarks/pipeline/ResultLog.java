package dev.utter.benchmarks.pipeline;

import dev.utter.embedded.EmbeddedStack;
import dev.utter.events.SynthesisCompleted;
import dev.utter.events.SynthesisFailed;
import dev.utter.events.Topics;
import dev.utter.events.WatermarkVerified;
import io.confluent.kafka.serializers.KafkaAvroDeserializer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.WakeupException;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.jspecify.annotations.Nullable;

/**
 * All results that a read_committed consumer sees, with the time of each. A thread of this log
 * reads. Records are decoded only on request, and only the topics that are timed are read during
 * the measurement, so that reading takes little time from the measured system.
 */
final class ResultLog implements AutoCloseable {
  private static final List<String> TIMED = List.of(Topics.COMPLETED, Topics.VERIFIED);
  private static final List<String> UNTIMED = List.of(Topics.FAILED, Topics.DEAD_LETTERS);
  private static final Duration LAST_READ = Duration.ofSeconds(30);

  /**
   * A result.
   *
   * @param topic topic of the record
   * @param value bytes of the record's value
   * @param seenNanos when it was seen, by {@link System#nanoTime}
   * @param seenAt the same moment by the clock
   */
  record Seen(String topic, byte[] value, long seenNanos, Instant seenAt) {}

  private final String bootstrapServers;
  private final KafkaConsumer<byte[], byte[]> consumer;
  private final KafkaAvroDeserializer deserializer = new KafkaAvroDeserializer();
  private final Map<String, List<Seen>> results = new ConcurrentHashMap<>();
  private final Map<String, AtomicLong> counts = new ConcurrentHashMap<>();
  private final Thread thread;
  private volatile @Nullable RuntimeException failure;

  /** Reads the topics from their beginning until this log is closed. */
  ResultLog(EmbeddedStack stack) {
    deserializer.configure(
        Map.of("schema.registry.url", stack.schemaRegistryUrl(), "specific.avro.reader", true),
        false);
    bootstrapServers = stack.bootstrapServers();
    consumer = consumer();
    assign(consumer, TIMED);
    thread = new Thread(this::run, "bench-results");
    thread.setDaemon(true);
    thread.start();
  }

  private KafkaConsumer<byte[], byte[]> consumer() {
    return new KafkaConsumer<>(
        Map.of(
            "bootstrap.servers",
            bootstrapServers,
            "isolation.level",
            "read_committed",
            "auto.offset.reset",
            "earliest",
            "enable.auto.commit",
            false),
        new ByteArrayDeserializer(),
        new ByteArrayDeserializer());
  }

  private static Set<TopicPartition> assign(
      KafkaConsumer<byte[], byte[]> consumer, List<String> topics) {
    List<TopicPartition> partitions =
        topics.stream()
            .flatMap(topic -> consumer.partitionsFor(topic).stream())
            .map(info -> new TopicPartition(info.topic(), info.partition()))
            .toList();
    consumer.assign(partitions);
    consumer.seekToBeginning(partitions);
    return Set.copyOf(partitions);
  }

  /** Reads all failures and dead letters published so far. To be called once, at the end. */
  void readUntimed() {
    try (KafkaConsumer<byte[], byte[]> late = consumer()) {
      Map<TopicPartition, Long> ends = late.endOffsets(assign(late, UNTIMED));
      long deadline = System.nanoTime() + LAST_READ.toNanos();
      while (ends.entrySet().stream()
          .anyMatch(end -> late.position(end.getKey()) < end.getValue())) {
        if (System.nanoTime() > deadline) {
          throw new IllegalStateException("failures and dead letters cannot be read to their end");
        }
        late.poll(Duration.ofMillis(100)).forEach(this::take);
      }
    }
  }

  /** Number of records of a topic that were seen. */
  long count(String topic) {
    return counter(topic).get();
  }

  /** Results of a request, in the order in which they were seen. */
  List<Seen> of(String requestId) {
    List<Seen> seen = results.getOrDefault(requestId, List.of());
    synchronized (seen) {
      return List.copyOf(seen);
    }
  }

  /** Throws if reading has ended. */
  void requireReading() {
    if (failure != null) {
      throw new IllegalStateException("the results cannot be read any more", failure);
    }
  }

  SynthesisCompleted completed(Seen seen) {
    return (SynthesisCompleted) deserializer.deserialize(seen.topic(), seen.value());
  }

  SynthesisFailed failed(Seen seen) {
    return (SynthesisFailed) deserializer.deserialize(seen.topic(), seen.value());
  }

  WatermarkVerified verified(Seen seen) {
    return (WatermarkVerified) deserializer.deserialize(seen.topic(), seen.value());
  }

  private void run() {
    try (consumer) {
      while (true) {
        consumer.poll(Duration.ofSeconds(1)).forEach(this::take);
      }
    } catch (WakeupException closing) {
      // Ends the loop.
    } catch (RuntimeException e) {
      failure = e;
    }
  }

  private void take(ConsumerRecord<byte[], byte[]> record) {
    Seen seen = new Seen(record.topic(), record.value(), System.nanoTime(), Instant.now());
    String id = record.key() == null ? "" : new String(record.key(), StandardCharsets.UTF_8);
    List<Seen> known = results.computeIfAbsent(id, key -> new ArrayList<>());
    synchronized (known) {
      known.add(seen);
    }
    counter(record.topic()).incrementAndGet();
  }

  private AtomicLong counter(String topic) {
    return counts.computeIfAbsent(topic, key -> new AtomicLong());
  }

  @Override
  public void close() {
    consumer.wakeup();
    try {
      thread.join();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    deserializer.close();
  }
}
