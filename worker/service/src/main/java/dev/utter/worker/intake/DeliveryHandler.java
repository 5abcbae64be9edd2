package dev.utter.worker.intake;

/**
 * Does the work. All methods are called on the intake's thread: they return at once, throw nothing,
 * and leave the work to other threads.
 */
public interface DeliveryHandler {

  /**
   * A record was taken. It may be prepared now; dangerous work asks {@link Delivery#start} first.
   */
  void taken(Delivery delivery);

  /** The start is on record; work may begin. */
  void started(Delivery delivery);

  /** The outcome is visible to consumers; the record holds no place any more. */
  void committed(Delivery delivery);

  /** Somebody else owns the record now: stop, publish nothing. */
  void dropped(Delivery delivery);
}
