package dev.utter.benchmarks.profile.trace;

import java.util.List;

/**
 * What was recorded.
 *
 * @param calls of operators and functions of the program, on the processor
 * @param runtimeCalls of CUDA's runtime; none without a GPU
 * @param deviceWork what a GPU did; nothing without one
 */
public record Trace(
    List<Call> calls, List<RuntimeCall> runtimeCalls, List<DeviceWork> deviceWork) {}
