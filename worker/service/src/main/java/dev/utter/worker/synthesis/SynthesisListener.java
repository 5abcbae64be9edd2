package dev.utter.worker.synthesis;

import java.time.Duration;

/** Hears what the synthesis does, for metrics. Called on its threads; must not block. */
public interface SynthesisListener {
  /** Hears nothing. */
  SynthesisListener NONE = new SynthesisListener() {};

  /** Jobs waiting for the engine, and jobs in it. Whenever it may have changed. */
  default void queue(int waiting, int busySlots) {}

  /**
   * A stage of a job ended well: {@code context}, {@code generation}, {@code watermark}, {@code
   * storage}.
   */
  default void stage(String name, Duration took) {}

  /** A clip was generated. */
  default void generated(int frames, Duration audio, Duration took) {}

  /** A clip of an earlier attempt was used. */
  default void reused() {}

  /** Something was unavailable; the step is repeated after the pause. */
  default void retrying(String stage, Duration pause) {}

  /** An attempt ended in an error nobody expected. */
  default void unexpected(Exception why) {}
}
