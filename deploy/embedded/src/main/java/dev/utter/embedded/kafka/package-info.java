/** A Kafka broker, in this JVM or in a separate process. */
package dev.utter.embedded.kafka;
