package dev.utter.architecture.breaking.lib.ch.qos.logback;

/** A class of the library. */
public interface Level {}
