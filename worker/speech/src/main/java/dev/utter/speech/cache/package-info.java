/** Caches on disk that several processes share: where they are, their locks, and free space. */
package dev.utter.speech.cache;
