package dev.utter.architecture.breaking.cli;

import dev.utter.architecture.breaking.producer.Producing;

/** Uses a module that it must not use. */
public record Commanding(Producing forbidden) {}
