/**
 * {@code bench profile}: where the time of one frame step goes, by operator, as recorded by
 * libtorch's profiler.
 */
package dev.utter.benchmarks.profile;
