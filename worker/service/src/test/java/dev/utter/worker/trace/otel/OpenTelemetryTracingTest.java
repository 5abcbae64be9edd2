package dev.utter.worker.trace.otel;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.utter.embedded.traces.ReceivedSpan;
import dev.utter.embedded.traces.ReceivedSpan.Kind;
import dev.utter.embedded.traces.ReceivedSpan.Link;
import dev.utter.embedded.traces.TraceReceiver;
import dev.utter.worker.failure.WorkerBrokenException;
import dev.utter.worker.trace.RecordOrigin;
import dev.utter.worker.trace.TraceContext;
import dev.utter.worker.trace.TraceIds;
import dev.utter.worker.trace.TraceSpan;
import dev.utter.worker.trace.TracingSettings;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.apache.kafka.common.header.Headers;
import org.apache.kafka.common.header.internals.RecordHeaders;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class OpenTelemetryTracingTest {
  private static final String TRACE = "0af7651916cd43dd8448eb211c80319c";
  private static final String PARENT = "b7ad6b7169203331";
  private static final RecordOrigin ORIGIN =
      new RecordOrigin("utter.requests", 3, 17, "utter-admission", Optional.of("order-7"));

  private final TraceReceiver receiver = TraceReceiver.start();
  private final OpenTelemetryTracing tracing =
      OpenTelemetryTracing.start(
          TracingSettings.read(Map.of("OTEL_EXPORTER_OTLP_ENDPOINT", receiver.endpoint())),
          "worker-1");

  @AfterEach
  void close() {
    tracing.close();
    receiver.close();
  }

  @Test
  void theProcessingOfARecordIsAChildOfTheSpanInItsHeaders() {
    // When
    tracing.process(ORIGIN, headers("01")).end();

    // Then
    ReceivedSpan span = received().get(0);
    assertThat(span.traceId()).isEqualTo(TRACE);
    assertThat(span.parentId()).contains(PARENT);
    assertThat(span.name()).isEqualTo("process utter.requests");
    assertThat(span.kind()).isEqualTo(Kind.CONSUMER);
    assertThat(span.failed()).isFalse();
    assertThat(span.attributes())
        .containsOnly(
            Map.entry("messaging.system", "kafka"),
            Map.entry("messaging.operation.name", "process"),
            Map.entry("messaging.operation.type", "process"),
            Map.entry("messaging.destination.name", "utter.requests"),
            Map.entry("messaging.destination.partition.id", "3"),
            Map.entry("messaging.kafka.offset", "17"),
            Map.entry("messaging.kafka.message.key", "order-7"),
            Map.entry("messaging.consumer.group.name", "utter-admission"),
            Map.entry("utter.request.id", "order-7"));
    assertThat(span.resource())
        .containsEntry("service.name", "utter-worker")
        .containsEntry("service.instance.id", "worker-1");
  }

  @Test
  void stepsAndPublicationsAreChildrenOfTheProcessing() {
    // When
    TraceSpan whole = tracing.process(ORIGIN, new RecordHeaders());
    TraceSpan step = whole.step("marking");
    step.fail("WATERMARK_NOT_DETECTED");
    step.end();
    TraceSpan send = whole.send("utter.completed");
    Headers result = headers("01");
    send.write(result);
    send.end();
    whole.end();

    // Then
    ReceivedSpan process = span("process utter.requests");
    assertThat(process.parentId()).isEmpty();
    assertThat(span("marking").parentId()).contains(process.spanId());
    assertThat(span("marking").kind()).isEqualTo(Kind.INTERNAL);
    assertThat(span("marking").failed()).isTrue();
    assertThat(span("marking").attributes())
        .containsEntry("error.type", "WATERMARK_NOT_DETECTED")
        .containsEntry("utter.request.id", "order-7");
    assertThat(span("send utter.completed").parentId()).contains(process.spanId());
    assertThat(span("send utter.completed").kind()).isEqualTo(Kind.PRODUCER);
    assertThat(TraceContext.of(result).map(TraceContext::ids))
        .contains(new TraceIds(process.traceId(), span("send utter.completed").spanId()));
  }

  @Test
  void workOnAResultIsANewTraceThatLinksToIt() {
    // When
    tracing.follow(ORIGIN, headers("01")).end();

    // Then
    ReceivedSpan span = received().get(0);
    assertThat(span.traceId()).isNotEqualTo(TRACE);
    assertThat(span.parentId()).isEmpty();
    assertThat(span.links()).containsExactly(new Link(TRACE, PARENT));
  }

  @Test
  void workOnAResultThatWasNotSampledIsNotSampledEither() {
    // When
    Headers result = new RecordHeaders();
    TraceSpan span = tracing.follow(ORIGIN, headers("00"));
    span.write(result);
    span.end();

    // Then
    assertThat(received()).isEmpty();
    assertThat(TraceContext.of(result)).isEqualTo(TraceContext.of(headers("00")));
  }

  @Test
  void aSampledSpanIsCurrentWhileItsTaskRuns() {
    // Given
    List<Optional<String>> current = new ArrayList<>();
    Runnable task = () -> current.add(tracing.current().map(TraceIds::traceId));

    // When
    tracing.process(ORIGIN, headers("01")).run(task);
    tracing.process(ORIGIN, headers("00")).run(task);
    task.run();

    // Then
    assertThat(current).containsExactly(Optional.of(TRACE), Optional.empty(), Optional.empty());
  }

  @Test
  void settingsThatTheSdkDoesNotAcceptAreNamed() {
    TracingSettings wrong =
        TracingSettings.read(Map.of("OTEL_EXPORTER_OTLP_ENDPOINT", "no endpoint"));

    assertThatThrownBy(() -> OpenTelemetryTracing.start(wrong, "worker-1"))
        .isInstanceOf(WorkerBrokenException.class)
        .hasMessageContaining("OTEL_")
        .hasMessageContaining("no endpoint");
  }

  private ReceivedSpan span(String name) {
    return received().stream().filter(span -> span.name().equals(name)).findFirst().orElseThrow();
  }

  /** All spans that have ended: a close exports them. */
  private List<ReceivedSpan> received() {
    tracing.close();
    return receiver.spans();
  }

  private static Headers headers(String flags) {
    String parent = "00-" + TRACE + "-" + PARENT + "-" + flags;
    return new RecordHeaders().add("traceparent", parent.getBytes(UTF_8));
  }
}
