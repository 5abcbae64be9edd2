/** The events of Utter: generated Avro records and the topics that carry them. */
package dev.utter.events;
