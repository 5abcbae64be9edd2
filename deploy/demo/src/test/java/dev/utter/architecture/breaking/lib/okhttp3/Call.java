package dev.utter.architecture.breaking.lib.okhttp3;

/** A class of the library. */
public interface Call {}
