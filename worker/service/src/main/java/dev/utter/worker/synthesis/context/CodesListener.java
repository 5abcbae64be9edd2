package dev.utter.worker.synthesis.context;

/** Notified about the cache of codes, for metrics. Must not block. */
public interface CodesListener {
  /** Codes of context audio were looked for in the cache. */
  default void codes(boolean found) {}

  /** What the cache of codes takes now. */
  default void codesKept(long bytes) {}
}
