/**
 * Signatures of clips: who holds the public key of a deployment can tell its clips from those of
 * others, without the deployment's help. Used by the worker, which signs, and by whoever verifies.
 */
package dev.utter.worker.signing;
