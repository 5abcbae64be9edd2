/**
 * Downloads of published models: the protocol of the Hugging Face hub and the cache on disk that it
 * shares with other programs. Knows nothing of what the files hold.
 */
package dev.utter.speech.hub;
