package dev.utter.cli.architecture.breaking.events;

import dev.utter.cli.architecture.breaking.speech.Speaking;

/** Uses a module that it must not use. */
public record Event(Speaking forbidden) {}
