/** One request on this worker: its state, the table of the steps, and how steps fare. */
package dev.utter.worker.synthesis.job;
