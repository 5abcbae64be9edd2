package dev.utter.speech.watermark.network;

/**
 * The run of one clip through a network, in steps. Steps of other passes may come in between.
 *
 * @param <T> type of the result
 */
interface Pass<T> {
  /** Memory that it holds from its first step to its end, in bytes, by arithmetic. */
  long bytes();

  /** Number of steps to its end. */
  int stepsLeft();

  /** Makes the next step. */
  void step();

  /** Whether all steps are made. */
  boolean isDone();

  /** The result; available after the last step. */
  T result();

  /** Frees its memory; may be called at any point. */
  void close();
}
