/** A profile as libtorch writes it: calls, operators, kernels and launches. */
package dev.utter.benchmarks.profile.trace;
