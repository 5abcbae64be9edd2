/**
 * Downloads of published models: the protocol of the Hugging Face hub and the cache on disk that it
 * shares with other programs. Does not depend on the contents of the files.
 */
package dev.utter.speech.hub;
