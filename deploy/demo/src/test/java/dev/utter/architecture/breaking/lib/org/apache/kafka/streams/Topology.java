package dev.utter.architecture.breaking.lib.org.apache.kafka.streams;

/** A class of the library. */
public interface Topology {}
