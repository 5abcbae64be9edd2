package dev.utter.worker.trace;

import java.util.Optional;
import org.apache.kafka.common.header.Headers;

/** Makes no spans, see {@link Tracing#OFF}. */
final class CarriedTracing implements Tracing {

  @Override
  public TraceSpan process(RecordOrigin origin, Headers headers) {
    return carried(headers);
  }

  @Override
  public TraceSpan follow(RecordOrigin origin, Headers headers) {
    return carried(headers);
  }

  private static TraceSpan carried(Headers headers) {
    Optional<TraceContext> context = TraceContext.of(headers);
    return context.isEmpty() ? TraceSpan.NONE : new CarriedSpan(context);
  }

  @Override
  public Optional<TraceIds> current() {
    return Optional.empty();
  }

  @Override
  public void close() {}
}
