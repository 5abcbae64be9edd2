package dev.utter.architecture.breaking.producer;

import dev.utter.architecture.breaking.speech.Speaking;

/** Uses a module that it must not use. */
public record Producing(Speaking forbidden) {}
