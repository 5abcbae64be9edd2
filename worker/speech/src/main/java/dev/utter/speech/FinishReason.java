package dev.utter.speech;

/** Why a generation ended. */
public enum FinishReason {
  /** The model generated its end frame, whose codes are all zero. That frame is not decoded. */
  END_OF_AUDIO,
  /** {@link SynthesisOptions#maxFrames} frames were generated. */
  MAX_DURATION,
  /** The model was stuck: it generated the same frame again and again. The repetitions are cut. */
  REPEATED_FRAME,
  /** The clip stayed silent for too long. All but the beginning of that silence is cut. */
  SILENCE,
  /** The clip became too long for its text: the model did not generate its end. */
  RUNAWAY,
  /** The {@link FrameListener} stopped the generation. */
  STOPPED
}
