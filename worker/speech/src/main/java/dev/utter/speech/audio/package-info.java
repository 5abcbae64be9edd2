/**
 * Mono clips, exact resampling, and audio files in and out. Plain WAV is read and written in this
 * process; everything else goes through the ffmpeg program as a child process under limits, so that
 * a hostile file cannot take the JVM down.
 */
package dev.utter.speech.audio;
