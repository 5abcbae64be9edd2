package dev.utter.worker.trace;

import java.util.Optional;
import org.apache.kafka.common.header.Headers;

/**
 * A span that has begun. After its end nothing changes it.
 *
 * <p>Threading: safe.
 */
public interface TraceSpan {
  /** Stands for no span, and has no trace context either. */
  TraceSpan NONE = new CarriedSpan(Optional.empty());

  /** Attribute: the id of the request. */
  String REQUEST_ID = "utter.request.id";

  /** Attribute: how the request ended. */
  String OUTCOME = "utter.outcome";

  /** Attribute: number of the attempt, from 1. */
  String ATTEMPT = "utter.attempt";

  /** Begins a step of this span's work. */
  TraceSpan step(String name);

  /** Begins the publication of a record to a topic. */
  TraceSpan send(String topic);

  void set(String attribute, String value);

  void set(String attribute, long value);

  /**
   * What the span is about failed.
   *
   * @param type short name of the kind of failure; no text of a request
   */
  void fail(String type);

  /** Adds the trace context to a record's headers, in place of the one they may have. */
  void write(Headers headers);

  /** The trace; empty if there is none. */
  Optional<String> traceId();

  /** Runs a task, with this as the current span of the thread. */
  void run(Runnable task);

  void end();
}
