/** A worker whose engine waits in place of working: it measures everything beside the model. */
package dev.utter.benchmarks.pipeline.worker;
