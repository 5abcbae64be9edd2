/**
 * Compares this engine with the reference implementation, number by number, on the cases of a
 * fixture folder: a checkpoint with {@code reference.json} and {@code reference.safetensors} beside
 * it, or a watermark network with {@code reference.safetensors}.
 */
package dev.utter.speech.parity;
