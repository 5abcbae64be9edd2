/**
 * TorchScript programs before they are loaded: their source with its constants, and the archive
 * that libtorch reads.
 */
package dev.utter.speech.torch.program;
