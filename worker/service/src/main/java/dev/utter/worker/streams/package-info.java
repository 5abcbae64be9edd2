/**
 * What the Kafka Streams stages share: the life of a Streams client, records handled so that one
 * bad record harms nothing but itself, dead letters, waiting for what is down.
 */
package dev.utter.worker.streams;
