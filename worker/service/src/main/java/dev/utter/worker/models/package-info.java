/**
 * Models in the object store: how they are pushed there, pulled from there and cached on this
 * machine.
 *
 * <p>A model is a prefix with a manifest, which lists every file with its size and SHA-256. The
 * content of a file is stored below its checksum and is never overwritten. The manifest is written
 * last and replaced at once, so a reader finds one whole model at any time.
 */
package dev.utter.worker.models;
