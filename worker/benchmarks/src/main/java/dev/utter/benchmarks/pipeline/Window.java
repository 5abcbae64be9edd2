package dev.utter.benchmarks.pipeline;

import java.time.Duration;

/**
 * The time measured.
 *
 * @param beginNanos its begin, as {@link System#nanoTime} says
 * @param endNanos its end
 * @param workerTime processor time of the workers in it
 * @param stackTime processor time of this process in it: broker, registry, S3, and the measuring
 */
record Window(long beginNanos, long endNanos, Duration workerTime, Duration stackTime) {

  /** A window that begins now. */
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
