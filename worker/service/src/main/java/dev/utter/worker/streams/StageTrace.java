package dev.utter.worker.streams;

import static java.util.Objects.requireNonNull;

import dev.utter.worker.trace.RecordOrigin;
import dev.utter.worker.trace.TraceSpan;
import dev.utter.worker.trace.Tracing;
import java.util.Set;
import org.apache.kafka.streams.processor.api.Record;
import org.apache.kafka.streams.processor.api.RecordMetadata;

/**
 * How a stage traces its records.
 *
 * @param group the stage's group
 * @param results topics whose records are results: their processing is a trace of its own, which
 *     links to that of the result
 */
public record StageTrace(Tracing tracing, String group, Set<String> results) {

  /** Checks and copies. */
  public StageTrace {
    requireNonNull(tracing, "tracing is null");
    requireNonNull(group, "group is null");
    results = Set.copyOf(results);
  }

  /** A stage without spans. */
  public static StageTrace off() {
    return new StageTrace(Tracing.OFF, "", Set.of());
  }

  TraceSpan begin(Record<byte[], byte[]> record, RecordMetadata from) {
    RecordOrigin origin =
        new RecordOrigin(
            from.topic(),
            from.partition(),
            from.offset(),
            group,
            RecordOrigin.requestId(record.key()));
    return results.contains(from.topic())
        ? tracing.follow(origin, record.headers())
        : tracing.process(origin, record.headers());
  }
}
