/** Digests of bytes and files. */
package dev.utter.speech.digest;
