package dev.utter.worker.synthesis.context;

/** Notified about the cache of codes, for metrics. Must not block. */
public interface CodesListener {
  /** Codes of context audio were looked for in the cache. */
  default void codes(boolean found) {}

  /** Size of the cache of codes now. */
  default void codesKept(long bytes) {}
}
