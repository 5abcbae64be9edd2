/** Who is next: shares of the lanes, and fairness between the publishers of one lane. */
package dev.utter.worker.synthesis.fair;
