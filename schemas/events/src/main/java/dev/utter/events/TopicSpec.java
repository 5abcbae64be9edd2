package dev.utter.events;

import java.time.Duration;
import java.util.Map;
import java.util.TreeMap;

/**
 * Required configuration of one topic, as far as Utter's guarantees depend on it.
 *
 * @param name name of the topic
 * @param cleanup what Kafka does with old records
 * @param retention how long Kafka must keep records
 * @param minMessageBytes smallest {@code max.message.bytes} with which the topic takes every record
 *     that a worker writes to it; 0 where workers write nothing, or only small records
 * @param createdMessageBytes {@code max.message.bytes} of a topic that is created; 0 leaves it to
 *     the broker
 */
public record TopicSpec(
    String name,
    Cleanup cleanup,
    Retention retention,
    int minMessageBytes,
    int createdMessageBytes) {

  /** How long request ids are remembered unless a setting says otherwise. */
  public static final Duration IDS_REMEMBERED = Duration.ofDays(7);

  /** How long records stay in a topic that is created, where Utter does not need them longer. */
  public static final Duration CREATED_RETENTION = Duration.ofDays(7);

  /**
   * How long the last value of a key may stay in a compacted topic that is created, once the key
   * has a newer one.
   */
  public static final Duration CREATED_COMPACTION_LAG = Duration.ofDays(1);

  /** Name of Kafka's property for {@link #cleanup}. */
  public static final String CLEANUP_POLICY = "cleanup.policy";

  /** Name of Kafka's property for {@link #retention}, in milliseconds. */
  public static final String RETENTION_MILLIS = "retention.ms";

  /** Name of Kafka's property for a retention by size, in bytes. */
  public static final String RETENTION_BYTES = "retention.bytes";

  /** Name of Kafka's property for how long a replaced value stays, in milliseconds. */
  static final String MAX_COMPACTION_LAG_MILLIS = "max.compaction.lag.ms";

  /** Name of Kafka's property for the largest batch a topic takes, in bytes. */
  public static final String MAX_MESSAGE_BYTES = "max.message.bytes";

  /**
   * Name of Kafka's property for the largest record a topic takes, in bytes after decompression.
   * Kafka has it from 4.4 on.
   */
  public static final String MAX_DECOMPRESSED_MESSAGE_BYTES = "max.decompressed.message.bytes";

  /**
   * {@link #MAX_DECOMPRESSED_MESSAGE_BYTES} of a topic that publishers write, if it is created. As
   * large as the largest batch that Kafka takes by default, which few records need.
   */
  public static final int DECOMPRESSED_BYTES = 1_048_588;

  /** What Kafka does with old records. */
  public enum Cleanup {
    /** It removes them. */
    DELETE,
    /** It keeps the last record of each key. */
    COMPACT
  }

  /** How long Kafka must keep records. */
  public enum Retention {
    /** Until the workers delete them: a record that waits must not disappear. */
    UNLIMITED,
    /** At least as long as request ids are remembered. */
    AS_LONG_AS_IDS,
    /** Chosen by the operator; {@link #CREATED_RETENTION} in a topic that is created. */
    ANY
  }

  /** Checks that nothing is missing or negative. */
  public TopicSpec {
    if (name == null || cleanup == null || retention == null) {
      throw new IllegalArgumentException("name, cleanup or retention is null");
    }
    if (minMessageBytes < 0 || createdMessageBytes < 0) {
      throw new IllegalArgumentException(
          "message bytes are %d and %d, must be 0 or more"
              .formatted(minMessageBytes, createdMessageBytes));
    }
  }

  /**
   * Kafka's properties for creating the topic.
   *
   * @param idsRemembered how long request ids are remembered
   */
  public Map<String, String> properties(Duration idsRemembered) {
    Map<String, String> properties = new TreeMap<>();
    properties.put(CLEANUP_POLICY, cleanupPolicy());
    switch (retention) {
      case UNLIMITED -> {
        properties.put(RETENTION_MILLIS, "-1");
        properties.put(RETENTION_BYTES, "-1");
      }
      case AS_LONG_AS_IDS ->
          properties.put(RETENTION_MILLIS, Long.toString(idsRemembered.toMillis()));
      case ANY -> {
        if (cleanup == Cleanup.COMPACT) {
          properties.put(
              MAX_COMPACTION_LAG_MILLIS, Long.toString(CREATED_COMPACTION_LAG.toMillis()));
        } else {
          properties.put(RETENTION_MILLIS, Long.toString(CREATED_RETENTION.toMillis()));
        }
      }
    }
    if (createdMessageBytes > 0) {
      properties.put(MAX_MESSAGE_BYTES, Integer.toString(createdMessageBytes));
    }
    return properties;
  }

  /**
   * {@link #properties} and, where publishers write the topic, a limit for the decompressed size of
   * their records. Brokers before Kafka 4.4 do not know the limit and refuse a topic with it.
   *
   * @param idsRemembered how long request ids are remembered
   */
  public Map<String, String> limitedProperties(Duration idsRemembered) {
    Map<String, String> properties = properties(idsRemembered);
    if (Topics.ofPublishers().contains(name)) {
      properties.put(MAX_DECOMPRESSED_MESSAGE_BYTES, Integer.toString(DECOMPRESSED_BYTES));
    }
    return properties;
  }

  /** The value of {@link #CLEANUP_POLICY}. */
  public String cleanupPolicy() {
    return cleanup == Cleanup.COMPACT ? "compact" : "delete";
  }
}
