package dev.utter.benchmarks.profile.trace;

/**
 * One call of CUDA's runtime or driver on the processor.
 *
 * @param name for example {@code cudaLaunchKernel}
 * @param thread which thread made it
 * @param startMicros start, from the beginning of the trace
 * @param correlation number of the work that it starts on a device; {@link Call#NONE} if it starts
 *     none
 * @param operator id of the {@link Call} that made it; {@link Call#NONE} if that is not known
 */
public record RuntimeCall(
    String name, long thread, double startMicros, long correlation, long operator) {

  /** Whether the processor waits for a device in this call. */
  public boolean isSynchronisation() {
    return name.endsWith("Synchronize");
  }

  /** Whether this call launches one kernel or a graph of kernels. */
  public boolean isLaunch() {
    return name.contains("LaunchKernel") || name.contains("GraphLaunch");
  }
}
