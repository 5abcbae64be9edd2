/** Measuring hooks for benchmarks and parity checks. The engine does not depend on them. */
package dev.utter.speech.measure;
