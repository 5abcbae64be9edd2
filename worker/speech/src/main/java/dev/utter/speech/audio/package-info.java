/**
 * Mono clips, exact resampling, and audio files in and out. WAV is read and written here; FLAC, MP3
 * and Ogg-Opus go through the ffmpeg program as a child process under limits, so that a hostile
 * file cannot take the JVM down.
 */
package dev.utter.speech.audio;
