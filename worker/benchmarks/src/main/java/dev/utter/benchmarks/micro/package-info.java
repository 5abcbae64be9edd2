/**
 * Microbenchmarks (JMH) of operations that run for every frame, clip or record. The engine as a
 * whole is measured by {@code utter bench engine}.
 */
package dev.utter.benchmarks.micro;
