/** The events of Utter: generated Avro records, and the topics they travel on. */
package dev.utter.events;
