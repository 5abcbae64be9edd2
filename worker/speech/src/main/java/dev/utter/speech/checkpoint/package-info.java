/**
 * What a checkpoint directory holds: its settings (config.json, generation_config.json) and its
 * tensors, under the names transformers gives them whichever of the two published layouts they were
 * stored in.
 */
package dev.utter.speech.checkpoint;
