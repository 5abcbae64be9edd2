/**
 * Files of prepared weights: the language model's tensors as the program holds them for one
 * precision, beside the checkpoint that they were made from. {@code docs/models.md} has the format.
 */
package dev.utter.speech.csm.prepared;
