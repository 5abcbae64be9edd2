/** A Kafka broker, in this JVM or in a process of its own. */
package dev.utter.embedded.kafka;
