/** The minimum rights in Kafka and in the object store, derived from what the code does. */
package dev.utter.worker.rights;
