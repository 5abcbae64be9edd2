/** Tensors in files: safetensors and PyTorch archives, read by memory map. */
package dev.utter.speech.checkpoint.tensor;
