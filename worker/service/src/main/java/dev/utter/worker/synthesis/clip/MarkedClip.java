package dev.utter.worker.synthesis.clip;

/**
 * An encoded clip in whose bytes the mark was found.
 *
 * @param file the bytes; handed over, not copied
 * @param facts what is known of it
 */
public record MarkedClip(byte[] file, ClipFacts facts) {}
