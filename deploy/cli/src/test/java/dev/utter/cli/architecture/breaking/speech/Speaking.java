package dev.utter.cli.architecture.breaking.speech;

import dev.utter.cli.architecture.breaking.events.Event;

/** Uses a module that it must not use. */
public record Speaking(Event forbidden) {}
