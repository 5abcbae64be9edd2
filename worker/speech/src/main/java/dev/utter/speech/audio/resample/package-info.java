/** Exact resampling, of whole clips and of streams. */
package dev.utter.speech.audio.resample;
