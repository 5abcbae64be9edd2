package dev.utter.worker.trace.otel;

import static java.nio.charset.StandardCharsets.US_ASCII;

import dev.utter.worker.failure.WorkerBrokenException;
import dev.utter.worker.trace.RecordOrigin;
import dev.utter.worker.trace.TraceContext;
import dev.utter.worker.trace.TraceIds;
import dev.utter.worker.trace.TraceSpan;
import dev.utter.worker.trace.Tracing;
import dev.utter.worker.trace.TracingSettings;
import io.opentelemetry.api.common.AttributeKey;
import io.opentelemetry.api.common.Attributes;
import io.opentelemetry.api.trace.Span;
import io.opentelemetry.api.trace.SpanBuilder;
import io.opentelemetry.api.trace.SpanContext;
import io.opentelemetry.api.trace.SpanKind;
import io.opentelemetry.api.trace.StatusCode;
import io.opentelemetry.api.trace.Tracer;
import io.opentelemetry.api.trace.propagation.W3CTraceContextPropagator;
import io.opentelemetry.context.Context;
import io.opentelemetry.sdk.OpenTelemetrySdk;
import io.opentelemetry.sdk.autoconfigure.AutoConfiguredOpenTelemetrySdk;
import io.opentelemetry.sdk.autoconfigure.spi.ConfigurationException;
import io.opentelemetry.sdk.resources.Resource;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.common.header.Headers;
import org.jspecify.annotations.Nullable;

/** Spans by OpenTelemetry's SDK, exported as its variables say. */
public final class OpenTelemetryTracing implements Tracing {
  private static final String SCOPE = "dev.utter.worker";
  private static final String INSTANCE = "service.instance.id";
  private static final long CLOSE_SECONDS = 2;
  private static final W3CTraceContextPropagator W3C = W3CTraceContextPropagator.getInstance();

  private final OpenTelemetrySdk sdk;
  private final Tracer tracer;

  private OpenTelemetryTracing(OpenTelemetrySdk sdk) {
    this.sdk = sdk;
    this.tracer = sdk.getTracer(SCOPE);
  }

  /**
   * Starts the SDK with its exporter.
   *
   * @param worker name of the worker, the {@code service.instance.id}
   * @throws WorkerBrokenException if the SDK does not accept the settings
   */
  public static OpenTelemetryTracing start(TracingSettings settings, String worker) {
    SdkLog.attach();
    try {
      return new OpenTelemetryTracing(
          AutoConfiguredOpenTelemetrySdk.builder()
              .disableShutdownHook()
              .addPropertiesSupplier(OpenTelemetryTracing::defaults)
              .addPropertiesCustomizer(found -> properties(settings))
              .addResourceCustomizer(
                  (given, properties) ->
                      namesInstance(settings) ? given : given.merge(instance(worker)))
              .build()
              .getOpenTelemetrySdk());
    } catch (ConfigurationException | IllegalArgumentException e) {
      throw new WorkerBrokenException(
          "traces cannot be exported, see the variables OTEL_…: " + e.getMessage(), e);
    }
  }

  private static Map<String, String> defaults() {
    return Map.of(
        "otel.service.name", "utter-worker", "otel.exporter.otlp.protocol", "http/protobuf");
  }

  private static boolean namesInstance(TracingSettings settings) {
    return settings
        .properties()
        .getOrDefault("otel.resource.attributes", "")
        .contains(INSTANCE + "=");
  }

  private static Resource instance(String worker) {
    return Resource.create(Attributes.of(AttributeKey.stringKey(INSTANCE), worker));
  }

  /** Metrics are Prometheus', logs go to standard error, and only the W3C's headers are read. */
  private static Map<String, String> properties(TracingSettings settings) {
    Map<String, String> properties = new HashMap<>(settings.properties());
    properties.put("otel.metrics.exporter", "none");
    properties.put("otel.logs.exporter", "none");
    properties.put("otel.propagators", "tracecontext");
    return properties;
  }

  @Override
  public TraceSpan process(RecordOrigin origin, Headers headers) {
    return new RunningSpan(builder(origin).setParent(context(headers)).startSpan(), origin);
  }

  @Override
  public TraceSpan follow(RecordOrigin origin, Headers headers) {
    SpanContext before = Span.fromContext(context(headers)).getSpanContext();
    if (before.isValid() && !before.isSampled()) {
      return Tracing.OFF.follow(origin, headers);
    }
    SpanBuilder builder = builder(origin).setNoParent();
    if (before.isValid()) {
      builder.addLink(before);
    }
    return new RunningSpan(builder.startSpan(), origin);
  }

  private SpanBuilder builder(RecordOrigin origin) {
    SpanBuilder builder =
        tracer
            .spanBuilder("process " + origin.topic())
            .setSpanKind(SpanKind.CONSUMER)
            .setAttribute(Messaging.SYSTEM, Messaging.KAFKA)
            .setAttribute(Messaging.OPERATION, Messaging.PROCESS)
            .setAttribute(Messaging.OPERATION_TYPE, Messaging.PROCESS)
            .setAttribute(Messaging.DESTINATION, origin.topic())
            .setAttribute(Messaging.PARTITION, Integer.toString(origin.partition()))
            .setAttribute(Messaging.OFFSET, origin.offset())
            .setAttribute(Messaging.GROUP, origin.group());
    origin.requestId().ifPresent(id -> builder.setAttribute(Messaging.KEY, id));
    return withRequest(builder, origin);
  }

  private static SpanBuilder withRequest(SpanBuilder builder, RecordOrigin origin) {
    origin.requestId().ifPresent(id -> builder.setAttribute(TraceSpan.REQUEST_ID, id));
    return builder;
  }

  private static Context context(Headers headers) {
    return TraceContext.of(headers)
        .map(found -> W3C.extract(Context.root(), found, OpenTelemetryTracing::header))
        .orElse(Context.root());
  }

  private static @Nullable String header(@Nullable TraceContext from, String name) {
    if (from == null) {
      return null;
    }
    return name.equals(TraceContext.PARENT) ? from.traceParent() : from.traceState().orElse(null);
  }

  @Override
  public Optional<TraceIds> current() {
    SpanContext current = Span.current().getSpanContext();
    return current.isValid() && current.isSampled()
        ? Optional.of(new TraceIds(current.getTraceId(), current.getSpanId()))
        : Optional.empty();
  }

  @Override
  public void close() {
    sdk.shutdown().join(CLOSE_SECONDS, TimeUnit.SECONDS);
  }

  private final class RunningSpan implements TraceSpan {
    private final Span span;
    private final RecordOrigin origin;

    private RunningSpan(Span span, RecordOrigin origin) {
      this.span = span;
      this.origin = origin;
    }

    @Override
    public TraceSpan step(String name) {
      return child(tracer.spanBuilder(name));
    }

    @Override
    public TraceSpan send(String topic) {
      SpanBuilder builder =
          tracer
              .spanBuilder("send " + topic)
              .setSpanKind(SpanKind.PRODUCER)
              .setAttribute(Messaging.SYSTEM, Messaging.KAFKA)
              .setAttribute(Messaging.OPERATION, Messaging.SEND)
              .setAttribute(Messaging.OPERATION_TYPE, Messaging.SEND)
              .setAttribute(Messaging.DESTINATION, topic);
      return child(builder);
    }

    private TraceSpan child(SpanBuilder builder) {
      return new RunningSpan(
          withRequest(builder, origin).setParent(Context.root().with(span)).startSpan(), origin);
    }

    @Override
    public void set(String attribute, String value) {
      span.setAttribute(attribute, value);
    }

    @Override
    public void set(String attribute, long value) {
      span.setAttribute(attribute, value);
    }

    @Override
    public void fail(String type) {
      span.setAttribute(Messaging.ERROR, type);
      span.setStatus(StatusCode.ERROR);
    }

    @Override
    public void write(Headers headers) {
      headers.remove(TraceContext.PARENT).remove(TraceContext.STATE);
      W3C.inject(
          Context.root().with(span),
          headers,
          (carrier, name, value) -> headers.add(name, value.getBytes(US_ASCII)));
    }

    @Override
    public Optional<String> traceId() {
      return Optional.of(span.getSpanContext().getTraceId());
    }

    @Override
    public void run(Runnable task) {
      Context.root().with(span).wrap(task).run();
    }

    @Override
    public void end() {
      span.end();
    }
  }
}
