package dev.utter.worker.streams;

import java.util.Optional;
import java.util.Set;
import org.apache.kafka.common.utils.Utils;
import org.apache.kafka.streams.processor.StreamPartitioner;

/**
 * The one partition of a key: murmur2 of its bytes, as Java's producer chooses. Clients in other
 * languages may choose otherwise, and so may a configured partitioner.
 */
public final class KeyPartitioner implements StreamPartitioner<byte[], byte[]> {

  /** The partition of a key, by number of partitions. */
  public static int partition(byte[] key, int partitions) {
    return Utils.toPositive(Utils.murmur2(key)) % partitions;
  }

  /**
   * A record without a key has no partition of its own; it goes to any. Kafka 4.4 prefers a method
   * that takes headers as well, but leaves this one abstract.
   */
  @Override
  @SuppressWarnings("removal")
  public Optional<Set<Integer>> partitions(
      String topic, byte[] key, byte[] value, int numPartitions) {
    return key == null ? Optional.empty() : Optional.of(Set.of(partition(key, numPartitions)));
  }
}
