package dev.utter.worker.trace;

import java.util.Optional;
import org.slf4j.MDC;

/** What the log lines of a thread say while it works on a request: the ids of request and trace. */
public final class LogContext {
  /** Key of the request's id. */
  public static final String REQUEST_ID = "requestId";

  /** Key of the trace's id. */
  public static final String TRACE_ID = "traceId";

  private LogContext() {}

  /** Runs a task with both ids, and with the span as the current one. Calls do not nest. */
  public static void run(Optional<String> requestId, TraceSpan span, Runnable task) {
    requestId.ifPresent(id -> MDC.put(REQUEST_ID, id));
    span.traceId().ifPresent(id -> MDC.put(TRACE_ID, id));
    try {
      span.run(task);
    } finally {
      MDC.remove(REQUEST_ID);
      MDC.remove(TRACE_ID);
    }
  }
}
