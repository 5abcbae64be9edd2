package dev.utter.worker.erasure;

import static java.nio.charset.StandardCharsets.UTF_8;
import static java.util.Objects.requireNonNull;

import dev.utter.worker.settings.KafkaSettings;
import dev.utter.worker.streams.KeyPartitioner;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Predicate;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;

/** Reads the records of one key, without a consumer group. Used by one thread. */
public final class KeyedRecords implements AutoCloseable {
  private static final Duration POLL = Duration.ofMillis(500);

  private final KafkaConsumer<byte[], byte[]> consumer;
  private final byte[] key;

  /** Records of a key on the cluster of these settings. */
  public KeyedRecords(KafkaSettings kafka, String key) {
    Map<String, Object> properties = new HashMap<>(kafka.client());
    properties.putAll(kafka.consumer());
    properties.put("isolation.level", "read_committed");
    properties.put("enable.auto.commit", false);
    properties.put("auto.offset.reset", "earliest");
    consumer =
        new KafkaConsumer<>(properties, new ByteArrayDeserializer(), new ByteArrayDeserializer());
    this.key = key.getBytes(UTF_8);
  }

  /** The values that the key has in a topic now, oldest first; null for a tombstone. */
  public List<byte[]> values(String topic) {
    TopicPartition partition = partition(topic);
    consumer.assign(List.of(partition));
    consumer.seekToBeginning(List.of(partition));
    long end = requireNonNull(consumer.endOffsets(List.of(partition)).get(partition));
    List<byte[]> values = new ArrayList<>();
    while (consumer.position(partition) < end) {
      for (ConsumerRecord<byte[], byte[]> record : consumer.poll(POLL)) {
        if (record.offset() < end && Arrays.equals(record.key(), key)) {
          values.add(record.value());
        }
      }
    }
    return values;
  }

  /** Goes to the end of a topic, for {@link #await}. */
  void follow(String topic) {
    TopicPartition partition = partition(topic);
    consumer.assign(List.of(partition));
    consumer.seekToEnd(List.of(partition));
    // Seeking is lazy: asking for the position fixes it now.
    consumer.position(partition);
  }

  /** Waits for a matching value of the key; false if none arrives in time. */
  boolean await(Predicate<byte[]> wanted, Duration patience) {
    long deadline = System.nanoTime() + patience.toNanos();
    while (System.nanoTime() - deadline < 0) {
      for (ConsumerRecord<byte[], byte[]> record : consumer.poll(POLL)) {
        if (Arrays.equals(record.key(), key) && wanted.test(record.value())) {
          return true;
        }
      }
    }
    return false;
  }

  @Override
  public void close() {
    consumer.close();
  }

  private TopicPartition partition(String topic) {
    int partitions = consumer.partitionsFor(topic).size();
    return new TopicPartition(topic, KeyPartitioner.partition(key, partitions));
  }
}
