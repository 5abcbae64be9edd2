/** One request on this worker: its state, the table of the steps, and the health of the steps. */
package dev.utter.worker.synthesis.job;
