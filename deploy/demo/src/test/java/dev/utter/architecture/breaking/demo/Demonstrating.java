package dev.utter.architecture.breaking.demo;

import dev.utter.architecture.breaking.benchmarks.Benchmarking;

/** Uses a module that it must not use. */
public record Demonstrating(Benchmarking forbidden) {}
