/** Changes of the log's levels while a worker runs. */
package dev.utter.worker.telemetry.log;
