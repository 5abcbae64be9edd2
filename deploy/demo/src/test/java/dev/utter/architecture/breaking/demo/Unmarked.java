package dev.utter.architecture.breaking.demo;

import dev.utter.architecture.breaking.worker.network.Networks;

/** Gives a worker networks that need not mark anything. */
public record Unmarked(Networks forbidden) {}
