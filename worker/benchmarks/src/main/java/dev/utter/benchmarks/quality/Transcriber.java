package dev.utter.benchmarks.quality;

import dev.utter.speech.audio.AudioClip;

/**
 * Writes down what is said in a clip.
 *
 * <p>Threading: one thread at a time.
 */
interface Transcriber {
  /** Its name in results. */
  String name();

  /**
   * The words of a clip; empty if it understands none.
   *
   * @throws IllegalStateException if it cannot run
   */
  String transcribe(AudioClip clip);
}
