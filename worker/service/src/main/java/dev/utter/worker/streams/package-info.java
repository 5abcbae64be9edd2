/**
 * Shared parts of the Kafka Streams stages: the life cycle of a Streams client, isolation of bad
 * records, dead letters, and waiting for what is down.
 */
package dev.utter.worker.streams;
