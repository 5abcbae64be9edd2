package dev.utter.speech;

/**
 * How soon an utterance is wanted, the most urgent first. When all slots are taken, a more urgent
 * utterance preempts a less urgent one, which continues later with the same result. A caller can
 * {@linkplain FrameListener#raised raise} an utterance.
 */
public enum Urgency {
  /** A person is waiting for it. */
  INTERACTIVE,
  /** Ordinary work: no person is waiting for it. */
  NORMAL,
  /** Generated when no more urgent work is waiting. */
  BULK
}
