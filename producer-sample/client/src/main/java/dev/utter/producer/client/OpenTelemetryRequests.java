package dev.utter.producer.client;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static java.util.Objects.requireNonNull;

import io.opentelemetry.api.GlobalOpenTelemetry;
import io.opentelemetry.api.OpenTelemetry;
import io.opentelemetry.api.trace.Span;
import io.opentelemetry.api.trace.SpanKind;
import io.opentelemetry.api.trace.StatusCode;
import io.opentelemetry.api.trace.Tracer;
import io.opentelemetry.api.trace.propagation.W3CTraceContextPropagator;
import io.opentelemetry.context.Context;
import java.util.Optional;
import org.apache.kafka.common.header.Header;
import org.apache.kafka.common.header.Headers;
import org.jspecify.annotations.Nullable;

/**
 * Traces with OpenTelemetry, by its conventions for messaging. The parent of a publication is the
 * context in the record's headers, otherwise the current one. Without an SDK, as without any other
 * set-up of OpenTelemetry, no span is made, and the record gets the context of its parent.
 */
public final class OpenTelemetryRequests implements RequestTracing {
  private static final String SCOPE = "dev.utter.producer";
  private static final String SEND = "send";
  private static final W3CTraceContextPropagator W3C = W3CTraceContextPropagator.getInstance();

  private final Tracer tracer;

  /** Traces with the given instance. */
  public OpenTelemetryRequests(OpenTelemetry telemetry) {
    tracer = requireNonNull(telemetry, "telemetry is null").getTracer(SCOPE);
  }

  /** Traces with the instance of the process: that of OpenTelemetry's agent, for example. */
  public static RequestTracing ofProcess() {
    return new OpenTelemetryRequests(GlobalOpenTelemetry.getOrNoop());
  }

  @Override
  public Sending begin(String topic, String requestId, Headers headers) {
    Context parent = W3C.extract(Context.current(), headers, OpenTelemetryRequests::header);
    Span span =
        tracer
            .spanBuilder(SEND + " " + topic)
            .setParent(parent)
            .setSpanKind(SpanKind.PRODUCER)
            .setAttribute("messaging.system", "kafka")
            .setAttribute("messaging.operation.name", SEND)
            .setAttribute("messaging.operation.type", SEND)
            .setAttribute("messaging.destination.name", topic)
            .setAttribute("messaging.kafka.message.key", requestId)
            .setAttribute("utter.request.id", requestId)
            .startSpan();
    W3C.inject(
        parent.with(span),
        headers,
        (carrier, name, value) -> headers.remove(name).add(name, value.getBytes(US_ASCII)));
    return failure -> end(span, failure);
  }

  private static void end(Span span, Optional<Throwable> failure) {
    failure.ifPresent(
        why ->
            span.setStatus(StatusCode.ERROR).setAttribute("error.type", why.getClass().getName()));
    span.end();
  }

  private static @Nullable String header(@Nullable Headers headers, String name) {
    Header found = headers == null ? null : headers.lastHeader(name);
    return found == null ? null : new String(found.value(), US_ASCII);
  }
}
