/**
 * Status: one row per request id on the compacted topic {@code utter.status}, kept by a Kafka
 * Streams topology from everything the other stages say.
 */
package dev.utter.worker.status;
