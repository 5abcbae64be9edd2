/**
 * libtorch, reached through DJL: engine start, TorchScript programs, ownership of native memory.
 *
 * <p>{@code docs/torchscript.md} describes the dialect of the programs.
 */
package dev.utter.speech.torch;
