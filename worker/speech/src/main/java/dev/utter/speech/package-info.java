/**
 * Text and context codes in, samples out. Knows no Kafka and no object store.
 *
 * <p>{@link dev.utter.speech.SpeechModel} is the interface of a loaded model; the packages below
 * hold its parts.
 */
package dev.utter.speech;
