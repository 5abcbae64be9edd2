package dev.utter.worker.operator.letters;

import static java.util.Objects.requireNonNull;

import dev.utter.events.DeadLetterHeaders;
import dev.utter.events.Topics;
import dev.utter.worker.settings.KafkaSettings;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;

/**
 * Reads the dead letters without a consumer group, up to the end of the topic when reading began.
 * Each partition is read twice: for the marks, then for the letters. So memory has one batch of
 * records and two bits for each offset of a partition.
 *
 * <p>Threading: used by one thread; calls block.
 */
public final class LetterLog implements AutoCloseable {
  private static final Duration POLL = Duration.ofMillis(500);

  /** A command must report soon that no broker answers. */
  private static final Map<String, String> QUICK = Map.of("default.api.timeout.ms", "15000");

  private final KafkaConsumer<byte[], byte[]> consumer;

  /** A log on the cluster of these settings. */
  public LetterLog(KafkaSettings kafka) {
    Map<String, Object> properties = new HashMap<>(QUICK);
    properties.putAll(kafka.client());
    properties.putAll(kafka.consumer());
    properties.put("isolation.level", "read_committed");
    properties.put("enable.auto.commit", false);
    properties.put("auto.offset.reset", "earliest");
    properties.put("allow.auto.create.topics", false);
    consumer =
        new KafkaConsumer<>(properties, new ByteArrayDeserializer(), new ByteArrayDeserializer());
  }

  /**
   * Passes on the selected letters, partition by partition, the oldest of each first.
   *
   * @throws org.apache.kafka.common.KafkaException if the brokers do not answer or refuse
   */
  public void forEach(LetterFilter filter, Consumer<Letter> found) {
    List<TopicPartition> partitions =
        consumer.partitionsFor(Topics.DEAD_LETTERS).stream()
            .map(info -> new TopicPartition(Topics.DEAD_LETTERS, info.partition()))
            .sorted((a, b) -> Integer.compare(a.partition(), b.partition()))
            .toList();
    Map<TopicPartition, Long> begins = consumer.beginningOffsets(partitions);
    Map<TopicPartition, Long> ends = consumer.endOffsets(partitions);
    for (TopicPartition partition : partitions) {
      if (filter.reaches(partition.partition())) {
        long begin = requireNonNull(begins.get(partition));
        long end = requireNonNull(ends.get(partition));
        HandledOffsets handled = new HandledOffsets(begin, end);
        read(partition, end, record -> addMark(handled, record));
        read(partition, end, record -> find(handled, record, filter, found));
      }
    }
  }

  private static void addMark(HandledOffsets handled, ConsumerRecord<byte[], byte[]> record) {
    if (HandledOffsets.isMark(record)) {
      handled.add(record);
    }
  }

  private static void find(
      HandledOffsets handled,
      ConsumerRecord<byte[], byte[]> record,
      LetterFilter filter,
      Consumer<Letter> found) {
    boolean isLetter = record.headers().lastHeader(DeadLetterHeaders.REASON) != null;
    if (isLetter && !HandledOffsets.isMark(record)) {
      Letter letter = new Letter(record, handled.of(record.offset()));
      if (filter.matches(letter)) {
        found.accept(letter);
      }
    }
  }

  /** Records that were deleted meanwhile are skipped. */
  private void read(
      TopicPartition partition, long end, Consumer<ConsumerRecord<byte[], byte[]>> reader) {
    consumer.assign(List.of(partition));
    consumer.seekToBeginning(List.of(partition));
    while (consumer.position(partition) < end) {
      for (ConsumerRecord<byte[], byte[]> record : consumer.poll(POLL)) {
        if (record.offset() < end) {
          reader.accept(record);
        }
      }
    }
  }

  @Override
  public void close() {
    consumer.close();
  }
}
