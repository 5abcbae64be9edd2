package dev.utter.events;

import java.util.List;
import java.util.Map;

/**
 * The names of the topics. Every record's key is its request id as a UTF-8 string; every value is
 * the Avro record named here in Confluent's wire format. Producers and consumers use the public
 * topics; the lanes and {@link #STARTED} belong to the workers.
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

  /** Records nobody could decode or finish, byte for byte, with headers that say why. */
  public static final String DEAD_LETTERS = "utter.dead-letters";

  /** {@link VerificationRequested}. */
  public static final String VERIFICATION_REQUESTS = "utter.verification-requests";

  /** {@link WatermarkVerified}. */
  public static final String VERIFIED = "utter.verified";

  /** {@link RequestStatus}; compacted. */
  public static final String STATUS = "utter.status";

  /** {@link SynthesisStarted}; internal. */
  public static final String STARTED = "utter.started";

  /** {@link SynthesisRequested} with priority INTERACTIVE; internal. */
  public static final String WORK_INTERACTIVE = "utter.work.interactive";

  /** {@link SynthesisRequested} with priority NORMAL; internal. */
  public static final String WORK_NORMAL = "utter.work.normal";

  /** {@link SynthesisRequested} with priority BULK; internal. */
  public static final String WORK_BULK = "utter.work.bulk";

  private static final Map<Priority, String> LANES =
      Map.of(
          Priority.INTERACTIVE, WORK_INTERACTIVE,
          Priority.NORMAL, WORK_NORMAL,
          Priority.BULK, WORK_BULK);

  private Topics() {}

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
    return List.of(
        REQUESTS,
        CANCELLATIONS,
        WORK_INTERACTIVE,
        WORK_NORMAL,
        WORK_BULK,
        STARTED,
        COMPLETED,
        FAILED,
        DEAD_LETTERS,
        VERIFICATION_REQUESTS,
        VERIFIED,
        STATUS);
  }
}
