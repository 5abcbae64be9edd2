/**
 * The ffmpeg program as a child process: its location, limits, sandbox, errors and temporary files.
 * Nothing here depends on the purpose of a run.
 */
package dev.utter.speech.audio.ffmpeg;
