package dev.utter.worker.intake;

/** A command of another thread to the intake's thread. */
public sealed interface Command {
  /** The record it is about. */
  Delivery delivery();

  /** Requests the start of work. */
  record Start(Delivery delivery) implements Command {}

  /** An attempt ended without outcome. */
  record AttemptFailed(Delivery delivery) implements Command {}

  /** The start is taken back: what it covered has ended and did no harm. */
  record TakeBack(Delivery delivery) implements Command {}

  /** The record begins or stops to wait for something unavailable. */
  record SetAside(Delivery delivery, boolean waits) implements Command {}

  /** The record has its outcome. */
  record Finish(Delivery delivery, Outcome outcome) implements Command {

    public Finish with(Outcome other) {
      return new Finish(delivery, other);
    }
  }
}
