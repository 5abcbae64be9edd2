package dev.utter.speech;

/**
 * Watches a generation and may end it: the place for deadlines and cancellations. Called on the
 * engine's thread, so it must be quick: all other generations wait for it.
 */
@FunctionalInterface
public interface FrameListener {

  /** Never stops a generation. */
  FrameListener KEEP_GOING = frames -> true;

  /**
   * Called before every frame, first with 0. Called again with the same number while the utterance
   * gets no frame: while it waits, between the chunks of its prompt, and while it is preempted.
   *
   * @param framesSoFar frames generated up to now
   * @return false to stop now; the speech so far is returned with {@link FinishReason#STOPPED}
   */
  boolean onFrame(int framesSoFar);

  /**
   * Whether the utterance counts as {@link Urgency#INTERACTIVE} from now on, independent of its
   * urgency at submission: it is no longer preempted, and precedes younger ones. Called as often as
   * {@link #onFrame}. Once it has returned true, the utterance stays raised.
   */
  default boolean raised() {
    return false;
  }
}
