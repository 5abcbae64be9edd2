package dev.utter.architecture.breaking.lib.io.minio;

/** A class of the library. */
public interface Store {}
