/**
 * Turns requests into stored, watermarked clips: runs the steps of a job one after the other and
 * publishes the outcome.
 */
package dev.utter.worker.synthesis;
