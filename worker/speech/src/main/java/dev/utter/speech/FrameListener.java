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
   * Called before every frame, hence first with 0; and again with the same number as long as there
   * is no frame: while the utterance waits, between the parts of its prompt, and while it is
   * preempted.
   *
   * @param framesSoFar frames generated up to now
   * @return false to stop now; the speech so far is returned with {@link FinishReason#STOPPED}
   */
  boolean onFrame(int framesSoFar);

  /**
   * Whether the utterance counts as {@link Urgency#INTERACTIVE} from now on, independent of its
   * urgency at submission: it is no longer preempted, and precedes younger ones. Asked as often as
   * {@link #onFrame}; once said it cannot be taken back.
   */
  default boolean raised() {
    return false;
  }
}
