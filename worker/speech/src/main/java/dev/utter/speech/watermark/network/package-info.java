/**
 * SilentCipher's networks on a device: their weights, and the passes of clips through them. All
 * passes of a process take turns on one thread, the most urgent first, within a limit of memory.
 */
package dev.utter.speech.watermark.network;
