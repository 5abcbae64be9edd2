/**
 * What holds for a whole lane: its window, gauges and backlog, and the deletion of finished
 * records.
 */
package dev.utter.worker.intake.lane;
