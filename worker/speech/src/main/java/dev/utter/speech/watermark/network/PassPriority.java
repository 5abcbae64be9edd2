package dev.utter.speech.watermark.network;

import dev.utter.speech.Urgency;

/** The priority of a pass through the networks, the most urgent first. */
public enum PassPriority {
  /** A person is waiting for the clip. */
  INTERACTIVE,
  /** Ordinary work: no person is waiting for it. */
  NORMAL,
  /** Runs when no more urgent work is waiting. */
  BULK,
  /** The clip is stored already and is verified. */
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
