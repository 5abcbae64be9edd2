package dev.utter.worker.telemetry.metrics;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.utter.embedded.traces.TraceReceiver;
import dev.utter.worker.telemetry.MetricsFormat;
import dev.utter.worker.trace.RecordOrigin;
import dev.utter.worker.trace.TraceSpan;
import dev.utter.worker.trace.Tracing;
import dev.utter.worker.trace.TracingSettings;
import dev.utter.worker.trace.otel.OpenTelemetryTracing;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.apache.kafka.common.header.internals.RecordHeaders;
import org.junit.jupiter.api.Test;

class ExemplarsTest {
  private static final String TRACE = "0af7651916cd43dd8448eb211c80319c";
  private static final String TIMER = "utter_synthesis_stage_time_seconds_bucket{";

  @Test
  void aTimeThatIsMeasuredInASpanNamesItsTrace() {
    try (TraceReceiver receiver = TraceReceiver.start();
        Tracing tracing =
            OpenTelemetryTracing.start(
                TracingSettings.read(Map.of("OTEL_EXPORTER_OTLP_ENDPOINT", receiver.endpoint())),
                "w");
        WorkerMetrics metrics = new WorkerMetrics("w", tracing)) {
      // Given
      String parent = "00-" + TRACE + "-b7ad6b7169203331-01";
      TraceSpan span =
          tracing.process(
              new RecordOrigin("in", 0, 0, "group", Optional.empty()),
              new RecordHeaders().add("traceparent", parent.getBytes(UTF_8)));

      // When
      span.run(() -> metrics.synthesis().step("storage", Duration.ofMillis(120)));
      metrics.synthesis().step("context", Duration.ofMillis(120));

      // Then
      List<String> timers =
          metrics
              .scrape(MetricsFormat.OPEN_METRICS)
              .lines()
              .filter(l -> l.startsWith(TIMER))
              .toList();
      assertThat(timers)
          .filteredOn(line -> line.contains(" # {"))
          .isNotEmpty()
          .allMatch(line -> line.contains("trace_id=\"" + TRACE + "\""))
          .allMatch(line -> line.contains("step=\"storage\""));
      assertThat(metrics.scrape(MetricsFormat.TEXT)).doesNotContain(TRACE);
    }
  }
}
