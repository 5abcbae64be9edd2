package dev.utter.speech;

/**
 * How soon an utterance is wanted, the most urgent first. When all slots are taken, a more urgent
 * utterance preempts a less urgent one, which continues later with the same result. A caller can
 * {@linkplain FrameListener#raised raise} an utterance.
 */
public enum Urgency {
  /** Someone is waiting for it. */
  INTERACTIVE,
  /** No one is waiting for it this second. */
  NORMAL,
  /** When no other work is waiting. */
  BULK
}
