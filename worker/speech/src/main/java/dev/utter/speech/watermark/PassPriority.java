package dev.utter.speech.watermark;

import dev.utter.speech.Urgency;

/** Whose pass through the networks is next, the most urgent first. */
public enum PassPriority {
  /** Someone is waiting for the clip. */
  INTERACTIVE,
  /** No one is waiting for it this second. */
  NORMAL,
  /** When no other work is waiting. */
  BULK,
  /** The clip is stored already, and only looked at once more. */
  VERIFICATION;

  /** The priority of a clip of an utterance. */
  public static PassPriority of(Urgency urgency) {
    return switch (urgency) {
      case INTERACTIVE -> INTERACTIVE;
      case NORMAL -> NORMAL;
      case BULK -> BULK;
    };
  }
}
