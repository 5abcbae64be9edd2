package dev.utter.worker.storage.object;

/**
 * An object as it was read.
 *
 * @param bytes its content
 * @param etag entity tag of this very content, without quotes; empty if the store gives none
 */
public record ObjectContent(byte[] bytes, String etag) {}
