package dev.utter.worker.trace;

/**
 * Which span of which trace.
 *
 * @param traceId 32 hexadecimal digits
 * @param spanId 16 hexadecimal digits
 */
public record TraceIds(String traceId, String spanId) {}
