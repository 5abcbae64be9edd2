package dev.utter.architecture.breaking.lib.io.opentelemetry;

/** A class of the library. */
public interface Span {}
