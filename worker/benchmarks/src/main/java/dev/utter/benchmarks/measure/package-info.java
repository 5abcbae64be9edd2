/**
 * What all measurements share: the model, the prompts, the machine, and figures about measured
 * values.
 */
package dev.utter.benchmarks.measure;
