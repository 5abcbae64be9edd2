/**
 * The ffmpeg program as a child process: where it is, its limits, its sandbox, what it complains
 * about, and the files it leaves. Nothing here knows what it is run for.
 */
package dev.utter.speech.audio.ffmpeg;
