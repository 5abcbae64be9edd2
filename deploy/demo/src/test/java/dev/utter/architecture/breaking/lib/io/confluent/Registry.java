package dev.utter.architecture.breaking.lib.io.confluent;

/** A class of the library. */
public interface Registry {}
