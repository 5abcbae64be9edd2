/** Clips: their mark, what is known of them, and their place in the store. */
package dev.utter.worker.synthesis.clip;
