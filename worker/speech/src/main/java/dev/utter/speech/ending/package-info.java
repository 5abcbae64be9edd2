/** When a clip ends: end of audio, maximum duration, and the guards against runaway generation. */
package dev.utter.speech.ending;
