/**
 * Recognises the format of an audio file by its content, and whether the file is complete. Nothing
 * here decodes. No number in a file is trusted: memory is bounded by the size of the file.
 */
package dev.utter.speech.audio.file;
