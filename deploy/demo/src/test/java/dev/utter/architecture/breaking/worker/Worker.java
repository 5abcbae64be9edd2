package dev.utter.architecture.breaking.worker;

import dev.utter.architecture.breaking.producer.Producing;

/** Uses a module that it must not use. */
public record Worker(Producing forbidden) {}
