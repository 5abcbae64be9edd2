package dev.utter.worker.streams;

import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.streams.processor.TimestampExtractor;

/**
 * The record's own time; the present where that makes no sense. Producers send times that are
 * negative, which stops Kafka's usual extractor, times of 0, and times in seconds.
 */
public final class LenientTimestamps implements TimestampExtractor {
  /** 3 March 1973 in milliseconds; the year 5138 in seconds. */
  private static final long EARLIEST_MILLIS = 100_000_000_000L;

  @Override
  public long extract(ConsumerRecord<Object, Object> record, long partitionTime) {
    return orPresent(record.timestamp(), System.currentTimeMillis());
  }

  /**
   * A record's time, or the present if the time is negative, 0 or in seconds.
   *
   * @param timestamp of the record, milliseconds since the epoch
   * @param now the present, milliseconds since the epoch
   */
  public static long orPresent(long timestamp, long now) {
    return timestamp >= EARLIEST_MILLIS ? timestamp : now;
  }
}
