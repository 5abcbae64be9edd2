package dev.utter.benchmarks.pipeline;

import java.time.Duration;

/**
 * The measured time.
 *
 * @param beginNanos its start, by {@link System#nanoTime}
 * @param endNanos its end
 * @param workerTime processor time of the workers in this window
 * @param stackTime processor time of this process in this window: broker, registry, S3 and
 *     measurement
 */
record Window(long beginNanos, long endNanos, Duration workerTime, Duration stackTime) {

  /** A window that starts now. */
  static Window begin(WorkerFleet fleet) {
    return new Window(System.nanoTime(), 0, fleet.processorTime(), ownTime());
  }

  /** The same, ended now. */
  Window end(WorkerFleet fleet) {
    return new Window(
        beginNanos,
        System.nanoTime(),
        fleet.processorTime().minus(workerTime),
        ownTime().minus(stackTime));
  }

  boolean contains(long nanos) {
    return nanos - beginNanos >= 0 && nanos - endNanos < 0;
  }

  Duration length() {
    return Duration.ofNanos(endNanos - beginNanos);
  }

  private static Duration ownTime() {
    return ProcessHandle.current().info().totalCpuDuration().orElse(Duration.ZERO);
  }
}
