package dev.utter.worker.telemetry.metrics;

import static java.util.Objects.requireNonNull;

import dev.utter.worker.trace.TraceIds;
import dev.utter.worker.trace.Tracing;
import io.prometheus.metrics.tracer.common.SpanContext;
import org.jspecify.annotations.Nullable;

/** Gives the registry the ids for exemplars: those of the span in which something is measured. */
final class CurrentSpan implements SpanContext {
  private final Tracing tracing;

  CurrentSpan(Tracing tracing) {
    this.tracing = requireNonNull(tracing, "tracing is null");
  }

  @Override
  public @Nullable String getCurrentTraceId() {
    return tracing.current().map(TraceIds::traceId).orElse(null);
  }

  @Override
  public @Nullable String getCurrentSpanId() {
    return tracing.current().map(TraceIds::spanId).orElse(null);
  }

  @Override
  public boolean isCurrentSpanSampled() {
    return tracing.current().isPresent();
  }

  @Override
  public void markCurrentSpanAsExemplar() {}
}
