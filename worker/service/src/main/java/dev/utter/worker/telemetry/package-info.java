/** What the worker reports about itself, and its HTTP server. */
package dev.utter.worker.telemetry;
