package dev.utter.cli.architecture.breaking.worker;

import dev.utter.cli.architecture.breaking.producer.Producing;

/** Uses a module that it must not use. */
public record Worker(Producing forbidden) {}
