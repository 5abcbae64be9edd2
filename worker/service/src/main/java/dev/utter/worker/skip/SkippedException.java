package dev.utter.worker.skip;

import dev.utter.events.FailureCode;
import dev.utter.worker.failure.RequestFailedException;

/** An operator has the stage skip the record; its request fails. */
public final class SkippedException extends RequestFailedException {
  private final String note;

  /** The exception for an order with this note. */
  public SkippedException(String note) {
    super(FailureCode.INTERNAL, null, "an operator had the record skipped");
    this.note = note;
  }

  /** What the dead letter says. */
  public String deadLetterMessage() {
    return note.isEmpty() ? "an operator had the record skipped" : note;
  }
}
