/**
 * The fault harness: real processes, a seeded schedule of faults, and a checker of the recorded
 * history.
 */
package dev.utter.chaos;
