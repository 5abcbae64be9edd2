/** Digests of bytes, one way for all stages. */
package dev.utter.worker.digest;
