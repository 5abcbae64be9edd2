package dev.utter.worker.admission;

import static java.util.Objects.requireNonNull;

import dev.utter.worker.avro.UndecodableRecordException;
import dev.utter.worker.rules.Excerpt;
import dev.utter.worker.streams.Emission;
import dev.utter.worker.streams.KeyPartitioner;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Optional;
import org.apache.kafka.common.header.internals.RecordHeaders;
import org.apache.kafka.streams.processor.api.ProcessorContext;
import org.apache.kafka.streams.processor.api.Record;

/**
 * Keeps all records of one id in one partition, so that they use the same entry: the partition that
 * Java's producer chooses for the key. A record that another partitioner put elsewhere is published
 * to its topic again, in the right partition, in the same transaction.
 */
final class Placement {
  /** Header of a record that was published again; its value is the partition it came from. */
  static final String FORWARDED = "utter.forwarded-from";

  private final String topic;
  private final int partitions;

  @SuppressWarnings("NullAway.Init") // open() sets it.
  private ProcessorContext<byte[], byte[]> context;

  /**
   * Placement in one topic.
   *
   * @param topic its name, and that of the sink node that leads there
   * @param partitions number of its partitions
   */
  Placement(String topic, int partitions) {
    this.topic = requireNonNull(topic, "topic is null");
    if (partitions < 1) {
      throw new IllegalArgumentException("partitions is " + partitions + ", must be 1 or more");
    }
    this.partitions = partitions;
  }

  void open(ProcessorContext<byte[], byte[]> processorContext) {
    context = processorContext;
  }

  /**
   * Checks that the key is the request id, which proves that the publisher meant this id.
   *
   * @throws UndecodableRecordException if it is not
   */
  static void requireOwnKey(Record<byte[], byte[]> record, String id) {
    if (!isOwnKey(record, id)) {
      String key = record.key() == null ? null : new String(record.key(), StandardCharsets.UTF_8);
      throw new UndecodableRecordException(
          "the record's key is "
              + Excerpt.of(key)
              + ": it must be the requestId "
              + Excerpt.of(id));
    }
  }

  static boolean isOwnKey(Record<byte[], byte[]> record, String id) {
    return Arrays.equals(record.key(), id.getBytes(StandardCharsets.UTF_8));
  }

  /**
   * The record to publish in the right partition; empty if it is there already.
   *
   * @throws UndecodableRecordException if it was forwarded before: the topic has another number of
   *     partitions than at start, or the header was forged
   */
  Optional<Emission> forward(Record<byte[], byte[]> record) {
    int here = here();
    int right = right(record);
    if (here == right) {
      return Optional.empty();
    }
    if (record.headers().lastHeader(FORWARDED) != null) {
      throw new UndecodableRecordException(
          "the record was forwarded to partition %d, its key belongs to %d of %d"
              .formatted(here, right, partitions));
    }
    RecordHeaders headers = new RecordHeaders(record.headers().toArray());
    headers.add(FORWARDED, Integer.toString(here).getBytes(StandardCharsets.UTF_8));
    return Optional.of(new Emission(topic, record.withHeaders(headers)));
  }

  /** Whether the record is in its key's partition. */
  boolean isHere(Record<byte[], byte[]> record) {
    return here() == right(record);
  }

  private int here() {
    return context.recordMetadata().orElseThrow().partition();
  }

  private int right(Record<byte[], byte[]> record) {
    return KeyPartitioner.partition(record.key(), partitions);
  }
}
