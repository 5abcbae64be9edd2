package dev.utter.architecture.breaking.speech;

import dev.utter.architecture.breaking.events.Event;

/** Uses a module that it must not use. */
public record Speaking(Event forbidden) {}
