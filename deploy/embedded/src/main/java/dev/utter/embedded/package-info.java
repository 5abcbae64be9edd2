/**
 * Kafka, a schema registry and S3 in one JVM, on loopback ports: the stack of the demo and of the
 * tests. {@link dev.utter.embedded.EmbeddedStack} is all three, {@link
 * dev.utter.embedded.SharedStack} is one of them for all the tests of a JVM. Not for production:
 * one broker, no encryption, and ports that only this machine can reach.
 */
package dev.utter.embedded;
