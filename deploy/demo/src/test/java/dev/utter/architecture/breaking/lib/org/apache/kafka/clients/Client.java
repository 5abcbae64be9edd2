package dev.utter.architecture.breaking.lib.org.apache.kafka.clients;

/** A class of the library. */
public interface Client {}
