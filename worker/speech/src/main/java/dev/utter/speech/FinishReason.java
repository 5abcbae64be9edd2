package dev.utter.speech;

/** Why a generation ended. */
public enum FinishReason {
  /** The model said it was done: a frame whose codes are all zero. That frame is not decoded. */
  END_OF_AUDIO,
  /** {@link SynthesisOptions#maxFrames} frames were generated. */
  MAX_DURATION,
  /** The model repeated one frame over and over: it had got stuck. The repetitions are cut. */
  REPEATED_FRAME,
  /** The clip had become silent for good. All but the beginning of that silence is cut. */
  SILENCE,
  /** The clip had become far too long for its text: the model had missed its end. */
  RUNAWAY,
  /** The {@link FrameListener} said stop. */
  STOPPED
}
