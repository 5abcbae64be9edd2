package dev.utter.worker;

import dev.utter.worker.failure.WorkerBrokenException;
import dev.utter.worker.trace.Tracing;
import dev.utter.worker.trace.TracingSettings;
import dev.utter.worker.trace.otel.OpenTelemetryTracing;

/** Chooses how a worker traces. While traces are off, no class of OpenTelemetry is loaded. */
final class WorkerTracing {
  private WorkerTracing() {}

  /**
   * Starts the exporter if traces are on.
   *
   * @throws WorkerBrokenException if OpenTelemetry does not accept the settings
   */
  static Tracing start(TracingSettings settings, String worker) {
    return settings.on() ? OpenTelemetryTracing.start(settings, worker) : Tracing.OFF;
  }
}
