/** Mono audio clips. */
package dev.utter.speech.audio;
