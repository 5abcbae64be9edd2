package dev.utter.worker.settings;

import dev.utter.worker.settings.source.Setting;
import dev.utter.worker.settings.source.SettingDefault;
import dev.utter.worker.settings.source.SettingGroup;
import dev.utter.worker.settings.source.SettingType;
import dev.utter.worker.settings.source.SettingsSource;
import java.util.OptionalInt;

/**
 * How missing topics are created; section {@code kafka.createTopics}. Without it a missing topic is
 * an error.
 *
 * @param partitions partitions of every topic
 * @param replication replicas; empty for the broker's default
 */
public record TopicCreation(int partitions, OptionalInt replication) {
  /** The settings. */
  static final SettingGroup GROUP = new SettingGroup("kafka.createTopics", "Kafka");

  /** In the environment this one decides whether topics are created. */
  static final Setting<Integer> PARTITIONS =
      GROUP.advanced(
          "partitions",
          SettingType.integer(1),
          64,
          "partitions of the topics that a worker creates if they are missing. It creates none"
              + " without the section `kafka.createTopics`: then a missing topic is an error");

  private static final Setting<Integer> REPLICATION =
      GROUP.advanced(
          "replication",
          SettingType.integer(1, Short.MAX_VALUE),
          SettingDefault.auto("the broker's default"),
          "replicas of the topics that a worker creates");

  /** Checks both values. */
  public TopicCreation {
    PARTITIONS.check(partitions);
    replication.ifPresent(REPLICATION::check);
  }

  /** The defaults. */
  public static TopicCreation defaults() {
    return new TopicCreation(PARTITIONS.defaultValue(), OptionalInt.empty());
  }

  static TopicCreation read(SettingsSource source) {
    return new TopicCreation(source.get(PARTITIONS), source.findInt(REPLICATION));
  }
}
