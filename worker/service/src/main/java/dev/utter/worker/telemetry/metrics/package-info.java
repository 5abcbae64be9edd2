/** The worker's meters, fed by the listeners of its parts. */
package dev.utter.worker.telemetry.metrics;
