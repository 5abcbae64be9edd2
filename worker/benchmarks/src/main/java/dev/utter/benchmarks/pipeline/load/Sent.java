package dev.utter.benchmarks.pipeline.load;

import java.time.Instant;

/**
 * A request that was published.
 *
 * @param id its id
 * @param dueNanos when it was due, by {@link System#nanoTime}
 * @param dueAt the same moment by the clock
 */
public record Sent(String id, long dueNanos, Instant dueAt) {}
