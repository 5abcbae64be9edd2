/**
 * Turns requests into stored, watermarked clips: runs the steps of a job one after the other and
 * publishes what came of it.
 */
package dev.utter.worker.synthesis;
