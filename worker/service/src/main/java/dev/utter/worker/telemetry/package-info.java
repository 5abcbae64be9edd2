/** What the worker reports about itself: metrics for Prometheus, health for an orchestrator. */
package dev.utter.worker.telemetry;
