package dev.utter.architecture.breaking.lib.picocli;

/** A class of the library. */
public interface Command {}
