/** Traces with OpenTelemetry. */
package dev.utter.worker.trace.otel;
