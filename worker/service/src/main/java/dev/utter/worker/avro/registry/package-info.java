/** Access to the schema registry: its client, rules for foreign schemas, kinds of failures. */
package dev.utter.worker.avro.registry;
