/** Kafka, a schema registry and S3 in one JVM. */
package dev.utter.embedded;
