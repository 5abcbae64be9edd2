/** The benchmarks of the engine, the pipeline and single operations. */
package dev.utter.benchmarks;
