/**
 * The consumer loop: takes records from the lanes, and commits outcomes with progress. {@code
 * IntakeLoop.iterate} has the order of an iteration.
 */
package dev.utter.worker.intake.loop;
