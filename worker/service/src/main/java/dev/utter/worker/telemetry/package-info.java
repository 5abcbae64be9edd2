/** What the worker tells about itself: metrics for Prometheus, health for an orchestrator. */
package dev.utter.worker.telemetry;
