/** Decoding of audio files from outside, within a bounded amount of memory. */
package dev.utter.worker.decoding;
