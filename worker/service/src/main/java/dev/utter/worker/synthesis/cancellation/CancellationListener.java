package dev.utter.worker.synthesis.cancellation;

/** Notified about remembered cancellations, for metrics. Must not block. */
public interface CancellationListener {
  /** Ids of cancelled requests that are remembered, and their bytes in memory. */
  default void cancellations(int ids, long bytes) {}

  /** A cancellation was forgotten before its time, since there are too many. */
  default void cancellationForgotten() {}
}
