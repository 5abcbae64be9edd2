package dev.utter.worker.trace;

import dev.utter.worker.settings.source.SettingsException;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;

/**
 * The variables of OpenTelemetry's specification, {@code OTEL_…}. Traces are on if one of them
 * names an exporter or its endpoint, and {@code OTEL_SDK_DISABLED} is not {@code true}.
 */
public final class TracingSettings {
  private static final String PREFIX = "OTEL_";
  private static final String DISABLED = "OTEL_SDK_DISABLED";
  private static final String EXPORTER = "OTEL_TRACES_EXPORTER";
  private static final String OTLP = "otlp";
  private static final String NONE = "none";
  private static final Set<String> ENDPOINTS =
      Set.of("OTEL_EXPORTER_OTLP_ENDPOINT", "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT");
  private static final Set<String> PROTOCOLS =
      Set.of("OTEL_EXPORTER_OTLP_PROTOCOL", "OTEL_EXPORTER_OTLP_TRACES_PROTOCOL");
  private static final String HTTP = "http/protobuf";

  private final Map<String, String> variables;
  private final boolean on;

  private TracingSettings(Map<String, String> variables) {
    this.variables = variables;
    this.on = decide(variables);
    if (on) {
      check(variables);
    }
  }

  /**
   * Reads the variables of an environment.
   *
   * @throws SettingsException if traces are on and one names an exporter or a protocol that is not
   *     part of this program
   */
  public static TracingSettings read(Map<String, String> environment) {
    Map<String, String> found = new TreeMap<>();
    environment.forEach(
        (name, value) -> {
          if (name.startsWith(PREFIX) && !value.isBlank()) {
            found.put(name, value);
          }
        });
    return new TracingSettings(found);
  }

  /** Whether spans are made and exported. */
  public boolean on() {
    return on;
  }

  /** As properties of OpenTelemetry's SDK: {@code otel.service.name} for OTEL_SERVICE_NAME. */
  public Map<String, String> properties() {
    Map<String, String> properties = new TreeMap<>();
    variables.forEach(
        (name, value) -> properties.put(name.toLowerCase(Locale.ROOT).replace('_', '.'), value));
    return properties;
  }

  private static boolean decide(Map<String, String> variables) {
    if (Boolean.parseBoolean(variables.get(DISABLED))) {
      return false;
    }
    String exporter = variables.get(EXPORTER);
    return exporter == null
        ? ENDPOINTS.stream().anyMatch(variables::containsKey)
        : !exporter.equals(NONE);
  }

  private static void check(Map<String, String> variables) {
    require(EXPORTER, variables.getOrDefault(EXPORTER, OTLP), OTLP, OTLP + " or " + NONE);
    PROTOCOLS.forEach(name -> require(name, variables.getOrDefault(name, HTTP), HTTP, HTTP));
  }

  private static void require(String name, String value, String known, String rule) {
    if (!value.equals(known)) {
      throw new SettingsException(name + " is \"" + value + "\", must be " + rule);
    }
  }

  /** Leaves the values out, for there may be passwords among them. */
  @Override
  public String toString() {
    return on ? "on" : "off";
  }
}
