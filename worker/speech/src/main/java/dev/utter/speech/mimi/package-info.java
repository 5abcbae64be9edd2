/**
 * The Mimi audio codec: 24 kHz samples to codes and back. Paper: <a
 * href="https://arxiv.org/abs/2410.00037">Moshi</a>, section 3.3; the layers run as TorchScript
 * ({@code mimi.py} and its parts in {@code mimi/}).
 */
package dev.utter.speech.mimi;
