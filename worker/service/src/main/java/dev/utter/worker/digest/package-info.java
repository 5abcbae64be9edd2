/** Digests of bytes, shared by all stages. */
package dev.utter.worker.digest;
