/** Text and context codes in, samples out. Knows no Kafka and no object store. */
package dev.utter.speech;
