package dev.utter.architecture.breaking.nested.worker.part;

import dev.utter.architecture.breaking.nested.worker.Whole;

/** Uses the package above its own, which uses this one. */
public record Part(Whole forbidden) {}
