package dev.utter.worker.streams.commit;

import java.util.Map;
import org.apache.kafka.clients.consumer.ConsumerInterceptor;
import org.apache.kafka.clients.consumer.ConsumerRecords;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.common.TopicPartition;

/**
 * Detects when a Streams thread has processed all records of its last poll, see {@link
 * CommitTime#AFTER_EACH_POLL}. There is one count per thread, since a thread polls for all its
 * tasks.
 */
public final class PolledBatch implements ConsumerInterceptor<byte[], byte[]> {
  private static final ThreadLocal<PolledBatch> LAST = new ThreadLocal<>();

  private int left;

  /**
   * Counts one record as processed; returns whether it was the last of its poll. Never true on a
   * thread whose consumer has no such interceptor.
   */
  public static boolean endsWithThis() {
    PolledBatch batch = LAST.get();
    return batch != null && --batch.left <= 0;
  }

  @Override
  public ConsumerRecords<byte[], byte[]> onConsume(ConsumerRecords<byte[], byte[]> records) {
    left = records.count();
    LAST.set(this);
    return records;
  }

  @Override
  public void onCommit(Map<TopicPartition, OffsetAndMetadata> offsets) {}

  @Override
  public void configure(Map<String, ?> configs) {}

  @Override
  public void close() {}
}
