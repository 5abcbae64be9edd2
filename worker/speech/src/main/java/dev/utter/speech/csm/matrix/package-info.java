/**
 * How the language model's matrices are stored and multiplied: the storages and kernels of {@code
 * csm/matrices.py}, and the choice between them by precision, processor and shape.
 */
package dev.utter.speech.csm.matrix;
