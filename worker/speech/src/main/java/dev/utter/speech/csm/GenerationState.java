package dev.utter.speech.csm;

import java.util.Set;

/** Where an utterance is in its life, and where it may go from there. */
enum GenerationState {
  /** It holds nothing but its prompt. */
  WAITING,
  /** Part of its prompt has been run, outside the slots. */
  PREFILLING,
  /** It has begun and has no slot: it never had one yet, or gave it up to a more urgent one. */
  PARKED,
  /** It has a slot and gets a frame with every step. */
  RUNNING,
  /** Its future is decided and it holds nothing. */
  DONE;

  private Set<GenerationState> next() {
    return switch (this) {
      case WAITING -> Set.of(PREFILLING, DONE);
      case PREFILLING -> Set.of(PARKED, DONE);
      case PARKED -> Set.of(RUNNING, DONE);
      case RUNNING -> Set.of(PARKED, DONE);
      case DONE -> Set.of();
    };
  }

  boolean allows(GenerationState state) {
    return next().contains(state);
  }
}
