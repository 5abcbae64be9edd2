/** Requests of a benchmark, and when they arrive. */
package dev.utter.benchmarks.pipeline.load;
