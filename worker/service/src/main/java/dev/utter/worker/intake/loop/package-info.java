/** The consumer loop: takes records from the lanes, and commits outcomes with progress. */
package dev.utter.worker.intake.loop;
