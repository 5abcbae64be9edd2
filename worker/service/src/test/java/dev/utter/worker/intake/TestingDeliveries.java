package dev.utter.worker.intake;

import org.apache.kafka.clients.consumer.ConsumerRecord;

/** Deliveries for tests of what comes after the intake. */
public final class TestingDeliveries {
  private TestingDeliveries() {}

  /** One that no intake listens to. */
  public static Delivery delivery(String lane, int starts) {
    return new Delivery(
        new ConsumerRecord<>(lane, 0, 0, new byte[0], new byte[0]),
        starts,
        new CommandQueue(() -> {}));
  }
}
