package dev.utter.worker.streams;

import static java.util.Objects.requireNonNull;

import org.apache.kafka.streams.processor.api.Record;

/**
 * A record on its way to a sink.
 *
 * @param sink name of the sink node
 * @param record key, value, timestamp and headers
 */
public record Emission(String sink, Record<byte[], byte[]> record) {

  /** Checks that nothing is missing. */
  public Emission {
    requireNonNull(sink, "sink is null");
    requireNonNull(record, "record is null");
  }
}
