/**
 * Continuous batching: several utterances are generated in one batch.
 *
 * <p>The way of an utterance: {@link dev.utter.speech.engine.SpeechEngine} accepts it; its prompt
 * is prefilled in chunks, outside the slots; it joins the batch of running slots and gets a frame
 * with every step; it may be preempted for a more urgent one; its samples are decoded as its frames
 * come.
 */
package dev.utter.speech.engine;
