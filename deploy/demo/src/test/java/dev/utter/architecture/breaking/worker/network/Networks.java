package dev.utter.architecture.breaking.worker.network;

/** What only the benchmark may make. */
public interface Networks {}
