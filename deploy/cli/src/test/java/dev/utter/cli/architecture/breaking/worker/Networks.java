package dev.utter.cli.architecture.breaking.worker;

/** What only the benchmark may make. */
public interface Networks {}
