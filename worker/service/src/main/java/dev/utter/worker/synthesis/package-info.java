/**
 * Turns requests into stored, watermarked clips: runs the steps of a job one after the other and
 * publishes the outcome. {@code JobSteps} has the order of the steps, {@code RequestState} the
 * states.
 */
package dev.utter.worker.synthesis;
