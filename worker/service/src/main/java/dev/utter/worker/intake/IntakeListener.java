package dev.utter.worker.intake;

import java.time.Duration;
import org.apache.kafka.common.TopicPartition;

/** Receives what the intake does, for metrics. Called on the intake's thread; must not block. */
public interface IntakeListener {
  /** Ignores everything. */
  IntakeListener NONE = new IntakeListener() {};

  /** Records held from a lane, and their max. In each iteration of the loop that changes them. */
  default void window(String lane, int held, int capacity) {}

  /**
   * Offsets of a lane between what this worker has taken and the end of the log, in all partitions
   * that it owns, including those that it does not work on. 0 without partitions. About once a
   * second.
   */
  default void lag(String lane, long offsets) {}

  /** How long the oldest record of a lane has been held; 0 if none is. About once a second. */
  default void oldestHeld(String lane, Duration age) {}

  /** Partitions of a lane that are owned and refused. About once a second. */
  default void refusedPartitions(String lane, int partitions) {}

  /**
   * Partitions of a lane whose first unfinished record has been the same for 10 minutes. About once
   * a second.
   */
  default void stalledPartitions(String lane, int partitions) {}

  /**
   * Offsets of a lane that are not known to be finished, in all its partitions, whoever owns them.
   * Several times a minute; every worker has the same.
   */
  default void backlog(String lane, long offsets) {}

  /**
   * Partitions of a lane with a backlog of which nothing has been committed for 10 minutes, whoever
   * owns them. Several times a minute.
   */
  default void unattendedPartitions(String lane, int partitions) {}

  /** Start markers were committed. */
  default void marked(int records, Duration took) {}

  /** An outcome became visible. */
  default void finished(String lane, String kind) {}

  /** A dead letter of a record of this lane became visible. */
  default void deadLetter(String lane) {}

  /** A transaction was committed. */
  default void transactionCommitted(int outcomes, Duration took) {}

  /** A transaction was not committed; its outcomes are tried again or belong to other workers. */
  default void transactionFailed(Exception why) {}

  /** Records went to another owner before they were finished. */
  default void dropped(int records) {}

  /** Another live worker has the same name: the two fence each other's transactions. */
  default void nameTaken(String transactionalId) {}

  /** Offsets of a partition that get no outcome: they are not in the log, or are skipped. */
  default void lost(TopicPartition partition, long offsets) {}

  /** Finished records were not deleted. */
  default void purgeFailed() {}

  /** A partition is not worked on, because it is unknown which of its records are finished. */
  default void refused(TopicPartition partition, String why) {}
}
