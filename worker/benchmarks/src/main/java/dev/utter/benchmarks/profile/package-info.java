/**
 * {@code bench profile}: where the time of one frame step goes, operator by operator, as libtorch's
 * own profiler sees it.
 */
package dev.utter.benchmarks.profile;
