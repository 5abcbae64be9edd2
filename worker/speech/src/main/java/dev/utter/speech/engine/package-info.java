/**
 * Continuous batching: several utterances are generated in one batch.
 *
 * <p>The way of an utterance: {@link dev.utter.speech.engine.SpeechEngine} accepts it; its prompt
 * is prefilled in chunks, outside the slots; it joins the batch of running slots and gets a frame
 * with every step; it may be preempted for a more urgent one; its samples are decoded as its frames
 * come. {@code EngineLoop.iterate} has the order of an iteration of the engine's thread, {@code
 * GenerationState} the states of an utterance.
 *
 * <p>{@code SlotTimes} chooses the number of slots on a CPU where the settings leave it open.
 */
package dev.utter.speech.engine;
