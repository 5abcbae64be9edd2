package dev.utter.worker.intake;

/**
 * Processes deliveries. All methods are called on the intake's thread: they return at once, throw
 * nothing, and leave the work to other threads.
 */
public interface DeliveryHandler {

  /**
   * A record was taken. It may be prepared now; work that could harm the process must call {@link
   * Delivery#start} first.
   */
  void taken(Delivery delivery);

  /** The start marker is committed; work may begin. */
  void started(Delivery delivery);

  /** The outcome is visible to consumers; the record has left the window. */
  void committed(Delivery delivery);

  /** Another worker owns the record now: stop, publish nothing. */
  void dropped(Delivery delivery);
}
