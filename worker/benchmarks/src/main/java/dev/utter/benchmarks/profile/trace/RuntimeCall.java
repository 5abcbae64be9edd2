package dev.utter.benchmarks.profile.trace;

/**
 * One call of CUDA's runtime or driver on the processor.
 *
 * @param name for example {@code cudaLaunchKernel}
 * @param thread which thread made it
 * @param startMicros from the trace's own beginning
 * @param correlation number of the work it gives a device; {@link Call#NONE} if it gives none
 * @param operator id of the {@link Call} that made it; {@link Call#NONE} if that is not known
 */
public record RuntimeCall(
    String name, long thread, double startMicros, long correlation, long operator) {

  /** Whether the processor waits here for a device. */
  public boolean isSynchronisation() {
    return name.endsWith("Synchronize");
  }

  /** Whether it sets one kernel, or a graph of them, going. */
  public boolean isLaunch() {
    return name.contains("LaunchKernel") || name.contains("GraphLaunch");
  }
}
