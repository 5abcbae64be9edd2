package dev.utter.worker.operator.letters;

/** What has been done about a dead letter. */
public enum LetterState {
  /** Nothing yet. */
  OPEN,
  /** Its record was published again. */
  REDRIVEN,
  /** Nothing is to be done about it. */
  DROPPED
}
