package dev.utter.worker.intake;

import java.time.Duration;
import org.apache.kafka.common.TopicPartition;

/** Hears what the intake does, for metrics. Called on the intake's thread; must not block. */
public interface IntakeListener {
  /** Hears nothing. */
  IntakeListener NONE = new IntakeListener() {};

  /** Records held from a lane, and how many it may hold. Each loop turn in which it changed. */
  default void window(String lane, int held, int capacity) {}

  /**
   * Records of a lane that the broker has and this worker has not taken yet. About once a second.
   */
  default void lag(String lane, long records) {}

  /** Start marks were committed. */
  default void marked(int records, Duration took) {}

  /** An outcome became visible. */
  default void finished(String lane, String kind) {}

  /** A transaction was committed. */
  default void transactionCommitted(int outcomes, Duration took) {}

  /** A transaction was not committed; its outcomes are tried again or belong to others. */
  default void transactionFailed(Exception why) {}

  /** Records went to another owner before they were finished. */
  default void dropped(int records) {}

  /** Another live worker has the same name: the two fence each other's transactions. */
  default void nameTaken(String transactionalId) {}

  /** A partition is not worked on, because its progress cannot be understood. */
  default void refused(TopicPartition partition, String why) {}
}
