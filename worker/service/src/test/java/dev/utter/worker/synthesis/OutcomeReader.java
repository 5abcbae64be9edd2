package dev.utter.worker.synthesis;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.utter.events.Topics;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicReference;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;

/** What a read_committed consumer has seen of the outcome topics. */
final class OutcomeReader implements AutoCloseable {
  private static final List<String> TOPICS =
      List.of(Topics.COMPLETED, Topics.FAILED, Topics.DEAD_LETTERS);

  private final List<ConsumerRecord<byte[], byte[]>> seen = new CopyOnWriteArrayList<>();
  private final AtomicReference<CompletableFuture<Void>> asked = new AtomicReference<>();
  private final Map<String, Object> properties;
  private final Thread thread = new Thread(this::run, "outcome-reader");
  private volatile boolean closed;

  OutcomeReader(Map<String, String> kafka) {
    properties = new HashMap<>(kafka);
    properties.put("isolation.level", "read_committed");
    // The broker answers one request of a connection at a time: what asks for the end of the log
    // would wait behind the fetch before it, for half a second by default.
    properties.put("fetch.max.wait.ms", 10);
    thread.start();
  }

  /** Records of a topic with a key, everything included that is visible now. */
  List<ConsumerRecord<byte[], byte[]>> records(String topic, String key) {
    catchUp();
    return seen.stream()
        .filter(record -> record.topic().equals(topic))
        .filter(record -> key.equals(new String(record.key(), UTF_8)))
        .toList();
  }

  private void catchUp() {
    CompletableFuture<Void> caughtUp = new CompletableFuture<>();
    asked.set(caughtUp);
    caughtUp.join();
  }

  private void run() {
    try (KafkaConsumer<byte[], byte[]> consumer =
        new KafkaConsumer<>(properties, new ByteArrayDeserializer(), new ByteArrayDeserializer())) {
      List<TopicPartition> partitions =
          TOPICS.stream()
              .flatMap(topic -> consumer.partitionsFor(topic).stream())
              .map(info -> new TopicPartition(info.topic(), info.partition()))
              .toList();
      consumer.assign(partitions);
      consumer.seekToBeginning(partitions);
      while (!closed) {
        CompletableFuture<Void> waiting = asked.getAndSet(null);
        if (waiting != null) {
          Map<TopicPartition, Long> ends = consumer.endOffsets(partitions);
          while (partitions.stream().anyMatch(p -> consumer.position(p) < ends.get(p))) {
            consumer.poll(Duration.ofMillis(50)).forEach(seen::add);
          }
          waiting.complete(null);
        }
        consumer.poll(Duration.ofMillis(20)).forEach(seen::add);
      }
    }
  }

  @Override
  public void close() {
    closed = true;
  }
}
