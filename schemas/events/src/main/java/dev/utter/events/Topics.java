package dev.utter.events;

import dev.utter.events.TopicSpec.Cleanup;
import dev.utter.events.TopicSpec.Retention;
import java.util.List;
import java.util.Map;

/**
 * The names of the topics, and how they are configured. The key of a record is its request id as a
 * UTF-8 string; on {@link #LIMITS} it is the publisher. Every value but those of {@link #SKIPS} is
 * the Avro record named here, in Confluent's wire format. Producers and consumers use the public
 * topics; the lanes, {@link #LIMITS}, {@link #STARTED} and {@link #SKIPS} belong to the workers and
 * their operators.
 */
public final class Topics {
  /** {@link SynthesisRequested}. */
  public static final String REQUESTS = "utter.requests";

  /** {@link SynthesisCancelled}. */
  public static final String CANCELLATIONS = "utter.cancellations";

  /** {@link SynthesisCompleted}. */
  public static final String COMPLETED = "utter.completed";

  /** {@link SynthesisFailed}. */
  public static final String FAILED = "utter.failed";

  /**
   * Records that could not be decoded or finished, byte for byte, with headers that give the
   * reason.
   */
  public static final String DEAD_LETTERS = "utter.dead-letters";

  /** {@link VerificationRequested}. */
  public static final String VERIFICATION_REQUESTS = "utter.verification-requests";

  /** {@link WatermarkVerified}. */
  public static final String VERIFIED = "utter.verified";

  /** {@link RequestStatus}; compacted. */
  public static final String STATUS = "utter.status";

  /** {@link SynthesisStarted}; internal. */
  public static final String STARTED = "utter.started";

  /** {@link SynthesisRequested}, keyed by publisher, while its limits are counted; internal. */
  public static final String LIMITS = "utter.limits";

  /** {@link SynthesisRequested} with priority INTERACTIVE; internal. */
  public static final String WORK_INTERACTIVE = "utter.work.interactive";

  /** {@link SynthesisRequested} with priority NORMAL; internal. */
  public static final String WORK_NORMAL = "utter.work.normal";

  /** {@link SynthesisRequested} with priority BULK; internal. */
  public static final String WORK_BULK = "utter.work.bulk";

  /** Orders of operators to skip a record, as JSON; internal. */
  public static final String SKIPS = "utter.skips";

  private static final Map<Priority, String> LANES =
      Map.of(
          Priority.INTERACTIVE, WORK_INTERACTIVE,
          Priority.NORMAL, WORK_NORMAL,
          Priority.BULK, WORK_BULK);

  /**
   * Bytes that a lane must take: the largest record that is admitted, with key and batch header.
   */
  private static final int LANE_BYTES = 800_000;

  /** Bytes for 16,384 characters of attributes, three bytes each, and all other fields. */
  private static final int EVENT_BYTES = 128 * 1024;

  /** Kafka's default, set explicitly so that a lower default of the broker has no effect. */
  private static final int ORDINARY_BYTES = 1_048_588;

  /** Bytes for the headers of a dead letter. */
  private static final int DEAD_LETTER_BYTES = 2 << 20;

  private static final List<TopicSpec> SPECS =
      List.of(
          input(REQUESTS, Retention.AS_LONG_AS_IDS),
          input(CANCELLATIONS, Retention.AS_LONG_AS_IDS),
          new TopicSpec(
              LIMITS, Cleanup.DELETE, Retention.AS_LONG_AS_IDS, LANE_BYTES, ORDINARY_BYTES),
          lane(WORK_INTERACTIVE),
          lane(WORK_NORMAL),
          lane(WORK_BULK),
          output(STARTED),
          output(COMPLETED),
          output(FAILED),
          new TopicSpec(
              DEAD_LETTERS, Cleanup.DELETE, Retention.ANY, EVENT_BYTES, DEAD_LETTER_BYTES),
          input(VERIFICATION_REQUESTS, Retention.ANY),
          output(VERIFIED),
          new TopicSpec(STATUS, Cleanup.COMPACT, Retention.ANY, EVENT_BYTES, 0),
          new TopicSpec(SKIPS, Cleanup.DELETE, Retention.ANY, 0, 0));

  private static final List<String> OF_PUBLISHERS =
      List.of(REQUESTS, CANCELLATIONS, VERIFICATION_REQUESTS);

  private Topics() {}

  private static TopicSpec input(String name, Retention retention) {
    return new TopicSpec(name, Cleanup.DELETE, retention, 0, 0);
  }

  private static TopicSpec lane(String name) {
    return new TopicSpec(name, Cleanup.DELETE, Retention.UNLIMITED, LANE_BYTES, ORDINARY_BYTES);
  }

  private static TopicSpec output(String name) {
    return new TopicSpec(name, Cleanup.DELETE, Retention.ANY, EVENT_BYTES, 0);
  }

  /**
   * The lane of a priority.
   *
   * @throws IllegalArgumentException if the priority has no lane
   */
  public static String lane(Priority priority) {
    String lane = LANES.get(priority);
    if (lane == null) {
      throw new IllegalArgumentException("priority " + priority + " has no lane");
    }
    return lane;
  }

  /** The lanes, most urgent first. */
  public static List<String> lanes() {
    return List.of(WORK_INTERACTIVE, WORK_NORMAL, WORK_BULK);
  }

  /** All topics, in the order a request meets them. */
  public static List<String> all() {
    return SPECS.stream().map(TopicSpec::name).toList();
  }

  /** The topics that publishers write. */
  public static List<String> ofPublishers() {
    return OF_PUBLISHERS;
  }

  /** How all topics are configured, in the same order. */
  public static List<TopicSpec> specs() {
    return SPECS;
  }

  /**
   * How one topic is configured.
   *
   * @throws IllegalArgumentException if Utter has no topic of this name
   */
  public static TopicSpec spec(String topic) {
    return SPECS.stream()
        .filter(spec -> spec.name().equals(topic))
        .findFirst()
        .orElseThrow(() -> new IllegalArgumentException(topic + " is no topic of Utter"));
  }
}
