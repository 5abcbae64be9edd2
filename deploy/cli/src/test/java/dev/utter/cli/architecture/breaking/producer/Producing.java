package dev.utter.cli.architecture.breaking.producer;

import dev.utter.cli.architecture.breaking.speech.Speaking;

/** Uses a module that it must not use. */
public record Producing(Speaking forbidden) {}
