/** The cost of marking and looking at clips, and how long an urgent clip waits for a long one. */
package dev.utter.benchmarks.watermark;
