package dev.utter.worker.streams;

import org.apache.kafka.common.header.Header;
import org.apache.kafka.streams.processor.api.Record;

/** Size of a record, as the limit of a topic counts it. */
public final class RecordSize {
  /** Two lengths of five bytes at most. */
  private static final int HEADER_OVERHEAD_BYTES = 10;

  private RecordSize() {}

  /** Bytes of key, value and headers, uncompressed. */
  public static long of(Record<byte[], byte[]> record) {
    long bytes = record.value() == null ? 0 : record.value().length;
    bytes += record.key() == null ? 0 : record.key().length;
    for (Header header : record.headers()) {
      bytes += header.key().length() + (header.value() == null ? 0 : header.value().length);
      bytes += HEADER_OVERHEAD_BYTES;
    }
    return bytes;
  }
}
