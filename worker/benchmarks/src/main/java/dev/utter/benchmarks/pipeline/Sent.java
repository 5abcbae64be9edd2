package dev.utter.benchmarks.pipeline;

import java.time.Instant;

/**
 * A request that was published.
 *
 * @param id its id
 * @param dueNanos when it was due, by {@link System#nanoTime}
 * @param dueAt the same moment by the clock
 */
record Sent(String id, long dueNanos, Instant dueAt) {}
