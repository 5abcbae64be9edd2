package dev.utter.architecture.breaking.producer.client;

import dev.utter.architecture.breaking.producer.Producing;

/** Uses the program around the library. */
public record Publishing(Producing forbidden) {}
