package dev.utter.architecture.breaking.worker;

/** What only the benchmark may make. */
public interface Networks {}
