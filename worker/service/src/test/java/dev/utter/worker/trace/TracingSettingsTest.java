package dev.utter.worker.trace;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.utter.worker.settings.source.SettingsException;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class TracingSettingsTest {
  private static final String ENDPOINT = "OTEL_EXPORTER_OTLP_ENDPOINT";
  private static final String EXPORTER = "OTEL_TRACES_EXPORTER";

  static Stream<Map<String, String>> on() {
    return Stream.of(
        Map.of(ENDPOINT, "http://collector:4318"),
        Map.of("OTEL_EXPORTER_OTLP_TRACES_ENDPOINT", "http://collector:4318/v1/traces"),
        Map.of(EXPORTER, "otlp", "OTEL_SDK_DISABLED", "false"));
  }

  static Stream<Map<String, String>> off() {
    return Stream.of(
        Map.of(),
        Map.of("OTEL_SERVICE_NAME", "speech"),
        Map.of(ENDPOINT, " "),
        Map.of(ENDPOINT, "http://collector:4318", EXPORTER, "none"),
        Map.of(ENDPOINT, "http://collector:4318", "OTEL_SDK_DISABLED", "true"));
  }

  @ParameterizedTest
  @MethodSource("on")
  void anExporterOrItsEndpointTurnsTracesOn(Map<String, String> environment) {
    assertThat(TracingSettings.read(environment).on()).isTrue();
  }

  @ParameterizedTest
  @MethodSource("off")
  void tracesAreOffOtherwise(Map<String, String> environment) {
    assertThat(TracingSettings.read(environment).on()).isFalse();
  }

  @Test
  void anExporterOrProtocolThatThisProgramLacksIsRefusedByName() {
    assertThatThrownBy(() -> TracingSettings.read(Map.of(EXPORTER, "zipkin")))
        .isInstanceOf(SettingsException.class)
        .hasMessage("OTEL_TRACES_EXPORTER is \"zipkin\", must be otlp or none");
    assertThatThrownBy(
            () ->
                TracingSettings.read(
                    Map.of(EXPORTER, "otlp", "OTEL_EXPORTER_OTLP_PROTOCOL", "grpc")))
        .isInstanceOf(SettingsException.class)
        .hasMessage("OTEL_EXPORTER_OTLP_PROTOCOL is \"grpc\", must be http/protobuf");
  }

  @Test
  void theVariablesBecomePropertiesAndAreNotPrinted() {
    // When
    TracingSettings settings =
        TracingSettings.read(
            Map.of(EXPORTER, "otlp", "OTEL_EXPORTER_OTLP_HEADERS", "key=secret", "HOME", "/"));

    // Then
    assertThat(settings.properties())
        .containsOnly(
            Map.entry("otel.traces.exporter", "otlp"),
            Map.entry("otel.exporter.otlp.headers", "key=secret"));
    assertThat(settings).hasToString("on");
  }
}
