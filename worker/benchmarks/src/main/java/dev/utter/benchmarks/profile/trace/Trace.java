package dev.utter.benchmarks.profile.trace;

import java.util.List;

/**
 * A recording of a profiler.
 *
 * @param calls calls of operators and functions of the program, on the processor
 * @param runtimeCalls calls of CUDA's runtime; none without a GPU
 * @param deviceWork work of a GPU; none without one
 */
public record Trace(
    List<Call> calls, List<RuntimeCall> runtimeCalls, List<DeviceWork> deviceWork) {}
