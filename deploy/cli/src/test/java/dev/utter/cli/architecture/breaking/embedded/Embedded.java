package dev.utter.cli.architecture.breaking.embedded;

import dev.utter.cli.architecture.breaking.worker.Worker;

/** Uses a module that it must not use. */
public record Embedded(Worker forbidden) {}
