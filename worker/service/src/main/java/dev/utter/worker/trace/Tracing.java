package dev.utter.worker.trace;

import java.util.Optional;
import org.apache.kafka.common.header.Headers;

/**
 * Makes the spans of records. The names and attributes follow OpenTelemetry's conventions for
 * messaging. No span has anything of a request but its id.
 *
 * <p>Threading: safe.
 */
public interface Tracing extends AutoCloseable {
  /**
   * Makes no spans. What follows from a record gets the record's own trace context, so that the
   * traces of producer and consumers stay connected.
   */
  Tracing OFF = new CarriedTracing();

  /**
   * Begins the processing of a record, as a child of the span in its headers. Headers that break
   * the rules of {@link TraceContext} count as none.
   */
  TraceSpan process(RecordOrigin origin, Headers headers);

  /**
   * As {@link #process} for a record that is a result: the span begins a trace and links to the
   * span in the headers. Where that one was not sampled, this one is not either.
   */
  TraceSpan follow(RecordOrigin origin, Headers headers);

  /** The ids of this thread's current span; empty if it has none, or one that was not sampled. */
  Optional<TraceIds> current();

  /** Exports what has ended, for a few seconds at most. */
  @Override
  void close();
}
