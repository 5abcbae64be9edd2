package dev.utter.architecture.breaking.events;

import dev.utter.architecture.breaking.speech.Speaking;

/** Uses a module that it must not use. */
public record Event(Speaking forbidden) {}
