package dev.utter.architecture.breaking.lib.io.micrometer;

/** A class of the library. */
public interface Meter {}
