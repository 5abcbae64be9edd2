package dev.utter.architecture.breaking.chaos;

import dev.utter.architecture.breaking.producer.Producing;

/** Uses a module that it must not use. */
public record Faulting(Producing forbidden) {}
