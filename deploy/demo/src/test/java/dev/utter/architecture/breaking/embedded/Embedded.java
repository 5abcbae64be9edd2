package dev.utter.architecture.breaking.embedded;

import dev.utter.architecture.breaking.worker.Worker;

/** Uses a module that it must not use. */
public record Embedded(Worker forbidden) {}
