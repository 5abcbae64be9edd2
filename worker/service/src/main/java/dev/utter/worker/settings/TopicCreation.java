package dev.utter.worker.settings;

import dev.utter.worker.settings.source.Section;
import dev.utter.worker.settings.source.SettingsException;

/**
 * How missing topics are created; section {@code kafka.createTopics}. Without it a missing topic is
 * an error.
 *
 * @param partitions partitions of every topic; default 64
 * @param replication replicas; -1 leaves it to the broker, the default
 */
public record TopicCreation(int partitions, short replication) {

  /** Default number of partitions. */
  public static final int DEFAULT_PARTITIONS = 64;

  /** Lets the broker choose the number of replicas. */
  public static final short BROKER_DEFAULT = -1;

  /** Checks both. */
  public TopicCreation {
    if (partitions < 1) {
      throw new SettingsException(
          "kafka.createTopics.partitions is " + partitions + ", must be 1 or more");
    }
    if (replication < 1 && replication != BROKER_DEFAULT) {
      throw new SettingsException(
          "kafka.createTopics.replication is " + replication + ", must be 1 or more, or -1");
    }
  }

  static TopicCreation read(Section section) {
    TopicCreation settings =
        new TopicCreation(
            section.integer("partitions").orElse(DEFAULT_PARTITIONS),
            (short) section.integer("replication").orElse(BROKER_DEFAULT));
    section.refuseUnknown();
    return settings;
  }
}
