/** Receives traces, as a collector of OpenTelemetry does. */
package dev.utter.embedded.traces;
