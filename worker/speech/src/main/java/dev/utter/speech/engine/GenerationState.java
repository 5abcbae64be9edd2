package dev.utter.speech.engine;

import java.util.Set;

/** The states of an utterance in the engine, and its legal moves. */
enum GenerationState {
  /** Only its prompt is held. */
  WAITING,
  /** Part of its prompt has been run, outside the slots. */
  PREFILLING,
  /** Its whole prompt has been run; it waits for its first slot. */
  PREFILLED,
  /** It has a slot and gets a frame with every step. */
  RUNNING,
  /** It gave up its slot to a more urgent one and waits for another. */
  PREEMPTED,
  /** Its future is completed and its memory is free. */
  DONE;

  private Set<GenerationState> next() {
    return switch (this) {
      case WAITING -> Set.of(PREFILLING, DONE);
      case PREFILLING -> Set.of(PREFILLED, DONE);
      case PREFILLED, PREEMPTED -> Set.of(RUNNING, DONE);
      case RUNNING -> Set.of(PREEMPTED, DONE);
      case DONE -> Set.of();
    };
  }

  boolean allows(GenerationState state) {
    return next().contains(state);
  }
}
