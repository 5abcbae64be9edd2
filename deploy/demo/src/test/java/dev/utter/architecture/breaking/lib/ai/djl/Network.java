package dev.utter.architecture.breaking.lib.ai.djl;

/** A class of the library. */
public interface Network {}
