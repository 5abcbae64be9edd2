/**
 * Status: one row per request id on the compacted topic {@code utter.status}, kept by a Kafka
 * Streams topology from the events of the other stages.
 */
package dev.utter.worker.status;
