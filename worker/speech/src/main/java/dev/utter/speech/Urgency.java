package dev.utter.speech;

/**
 * How soon an utterance is wanted, the most urgent first. When all slots are taken, the more urgent
 * utterance takes the slot of a less urgent one, which is preempted and goes on later with the same
 * result. A caller can {@linkplain FrameListener#raised raise} an utterance.
 */
public enum Urgency {
  /** Someone is waiting for it. */
  INTERACTIVE,
  /** No one is waiting for it this second. */
  NORMAL,
  /** Whenever nothing else is to be done. */
  BULK
}
