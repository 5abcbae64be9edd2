/**
 * Turns requests into stored, watermarked clips: the life of one request, which of them goes to the
 * engine next, the context they bring, and what is published in the end.
 */
package dev.utter.worker.synthesis;
