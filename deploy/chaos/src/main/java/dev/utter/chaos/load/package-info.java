/** The requests of a run, good and bad, and their publisher. */
package dev.utter.chaos.load;
