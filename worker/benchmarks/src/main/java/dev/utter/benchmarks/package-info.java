/** Benchmarks: how fast the product is, and what each figure holds. */
package dev.utter.benchmarks;
