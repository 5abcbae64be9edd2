/** What happened in a run of the fault harness, as lines of JSON. */
package dev.utter.chaos.history;
