/** {@code bench plot}: a picture of engine results, as plain SVG. */
package dev.utter.benchmarks.plot;
