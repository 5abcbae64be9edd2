package dev.utter.speech.watermark;

/**
 * One clip's way through a network, in steps. Other passes may make steps in between.
 *
 * @param <T> what comes out
 */
interface Pass<T> {
  /** Memory that it holds from its first step to its end, in bytes, by arithmetic. */
  long bytes();

  /** Makes the next step. */
  void step();

  /** Whether all steps are made. */
  boolean isDone();

  /** What came out, after the last step. */
  T result();

  /** Frees what it holds, at any point. */
  void close();
}
