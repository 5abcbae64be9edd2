package dev.utter.architecture.breaking.benchmarks;

import dev.utter.architecture.breaking.chaos.Faulting;

/** Uses a module that it must not use. */
public record Benchmarking(Faulting forbidden) {}
