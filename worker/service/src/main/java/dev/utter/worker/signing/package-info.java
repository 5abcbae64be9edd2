/**
 * Signatures of clips: anyone with the public key of a deployment can verify its clips, without the
 * deployment's help. Used by the worker, which signs, and by verifiers.
 */
package dev.utter.worker.signing;
