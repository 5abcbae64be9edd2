package dev.utter.producer.command;

import dev.utter.producer.client.OpenTelemetryRequests;
import dev.utter.producer.client.RequestTracing;
import io.opentelemetry.sdk.OpenTelemetrySdk;
import io.opentelemetry.sdk.autoconfigure.AutoConfiguredOpenTelemetrySdk;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * The traces of this program, by the variables of OpenTelemetry. They are on under the same
 * condition as the worker's: one of the variables names an exporter or its endpoint.
 */
public final class ProducerTraces implements AutoCloseable {
  private static final long CLOSE_SECONDS = 5;

  private final Optional<OpenTelemetrySdk> sdk;

  private ProducerTraces(Optional<OpenTelemetrySdk> sdk) {
    this.sdk = sdk;
  }

  /**
   * Starts the exporter if traces are on.
   *
   * @param environment where the variables are
   */
  public static ProducerTraces open(Map<String, String> environment) {
    return new ProducerTraces(isOn(environment) ? Optional.of(sdk(environment)) : Optional.empty());
  }

  static boolean isOn(Map<String, String> environment) {
    String exporter = environment.get("OTEL_TRACES_EXPORTER");
    return !Boolean.parseBoolean(environment.get("OTEL_SDK_DISABLED"))
        && (exporter == null
            ? Stream.of("OTEL_EXPORTER_OTLP_ENDPOINT", "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT")
                .anyMatch(environment::containsKey)
            : !exporter.equals("none"));
  }

  private static OpenTelemetrySdk sdk(Map<String, String> environment) {
    return AutoConfiguredOpenTelemetrySdk.builder()
        .disableShutdownHook()
        .addPropertiesSupplier(
            () ->
                Map.of(
                    "otel.service.name", "utter-producer",
                    "otel.exporter.otlp.protocol", "http/protobuf",
                    "otel.metrics.exporter", "none",
                    "otel.logs.exporter", "none"))
        .addPropertiesCustomizer(found -> properties(environment))
        .build()
        .getOpenTelemetrySdk();
  }

  private static Map<String, String> properties(Map<String, String> environment) {
    return environment.entrySet().stream()
        .filter(variable -> variable.getKey().startsWith("OTEL_"))
        .collect(
            Collectors.toMap(
                variable -> variable.getKey().toLowerCase(Locale.ROOT).replace('_', '.'),
                Map.Entry::getValue));
  }

  /** Traces the requests of a client; makes no spans if traces are off. */
  public RequestTracing requests() {
    return sdk.<RequestTracing>map(OpenTelemetryRequests::new).orElse(RequestTracing.OFF);
  }

  /** Exports what has ended, within a few seconds. */
  @Override
  public void close() {
    sdk.ifPresent(running -> running.shutdown().join(CLOSE_SECONDS, TimeUnit.SECONDS));
  }
}
