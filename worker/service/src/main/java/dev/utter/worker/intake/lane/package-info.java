/**
 * Parts that handle whole lanes: windows, gauges, backlog, and the deletion of finished records.
 */
package dev.utter.worker.intake.lane;
