/** Digests of several values, shared by all stages. */
package dev.utter.worker.digest;
