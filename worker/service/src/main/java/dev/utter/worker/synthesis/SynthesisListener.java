package dev.utter.worker.synthesis;

import dev.utter.speech.Speech;
import dev.utter.worker.synthesis.cancellation.CancellationListener;
import dev.utter.worker.synthesis.context.CodesListener;
import java.time.Duration;

/** Receives what the synthesis does, for metrics. Called on its threads; must not block. */
public interface SynthesisListener extends CodesListener, CancellationListener {
  /** Ignores everything. */
  SynthesisListener NONE = new SynthesisListener() {};

  /** Jobs waiting for their start, and jobs begun and not generated. When it may have changed. */
  default void queue(int waiting, int generating) {}

  /**
   * A step of a job ended well: {@code context}, {@code generation}, {@code watermark}, {@code
   * storage}.
   */
  default void step(String name, Duration took) {}

  /**
   * Frames of one utterance were generated after its first, in the time since the one before.
   * Called on the engine's thread.
   */
  default void frames(int count, Duration took) {}

  /** An utterance was generated; the time is from its way into the engine to its way out. */
  default void generated(Speech speech, Duration took) {}

  /** A clip of an earlier attempt was used. */
  default void reused() {}

  /** How long the oldest job has been held; 0 if none is held. Several times a second. */
  default void oldest(Duration held) {}

  /** Longest time that a job has been at this step; 0 if none is. Several times a second. */
  default void oldest(String step, Duration there) {}

  /** Something was unavailable; the step is repeated after the pause. */
  default void retrying(String step, Duration pause) {}

  /** An attempt ended in an unexpected error. */
  default void unexpected(Exception why) {}
}
