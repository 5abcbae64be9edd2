package dev.utter.speech;

/** Why a generation ended. */
public enum FinishReason {
  /** The model said it was done: a frame whose codes are all zero. That frame is not decoded. */
  END_OF_AUDIO,
  /** {@link SynthesisOptions#maxFrames} frames were generated. */
  MAX_DURATION,
  /** The model repeated one frame over and over: it had got stuck. The repetitions are cut. */
  REPEATED_FRAME,
  /** The {@link FrameListener} said stop. */
  STOPPED
}
