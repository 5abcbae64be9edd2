/**
 * The demonstration: Kafka, registry, object store and worker in one process, and a handful of
 * sample requests sent through them.
 */
package dev.utter.demo;
