/**
 * {@code bench engine}: how fast the speech engine is, alone and beside the reference
 * implementation, with the machine's own bound next to every figure.
 */
package dev.utter.benchmarks.engine;
