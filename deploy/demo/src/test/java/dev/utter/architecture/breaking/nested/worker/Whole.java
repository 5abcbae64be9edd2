package dev.utter.architecture.breaking.nested.worker;

import dev.utter.architecture.breaking.nested.worker.part.Part;

/** Uses a package below its own, which uses this one. */
public record Whole(Part forbidden) {}
