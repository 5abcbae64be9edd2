/** A worker whose engine waits instead of generating, to measure everything except the model. */
package dev.utter.benchmarks.pipeline.worker;
