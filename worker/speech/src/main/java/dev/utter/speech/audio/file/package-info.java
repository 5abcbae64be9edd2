/**
 * What an audio file is and whether it is whole, by its content. Nothing here decodes, and no
 * number of a file is trusted: nothing is allocated beyond the file's own bytes.
 */
package dev.utter.speech.audio.file;
