package dev.utter.worker.intake;

/** What other threads ask of the intake's thread. */
public sealed interface Command {
  /** The record it is about. */
  Delivery delivery();

  /** Work wants to begin. */
  record Start(Delivery delivery) implements Command {}

  /** An attempt ended without outcome. */
  record AttemptFailed(Delivery delivery) implements Command {}

  /** The start is taken back: what it covered has ended and did no harm. */
  record TakeBack(Delivery delivery) implements Command {}

  /** Waits for something that is away, or does not any more. */
  record SetAside(Delivery delivery, boolean waits) implements Command {}

  /** The outcome is there. */
  record Finish(Delivery delivery, Outcome outcome) implements Command {

    public Finish with(Outcome other) {
      return new Finish(delivery, other);
    }
  }
}
