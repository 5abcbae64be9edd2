package dev.utter.worker.intake;

import static dev.utter.worker.rules.SettingRules.requirePositive;
import static java.util.Objects.requireNonNull;

import dev.utter.events.Topics;
import dev.utter.worker.intake.offsets.LostOffsets;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;

/**
 * Settings of the intake.
 *
 * @param groupId consumer group of all synthesis workers
 * @param transactionalId unique per worker instance, and best the same after its restart, so that
 *     the new process at once ends what the old one left open
 * @param windows the lanes (topics), and how many records of each may be held, at least {@code
 *     pollRecords}; 0 for four a slot of the engine, at least 32
 * @param pollRecords records one poll may bring
 * @param gather least time between the begins of two transactions: outcomes that come within it
 *     share the next one, an outcome that comes later is published at once. Shorter means sooner,
 *     longer means fewer transactions: a worker makes 1 / gather of them a second at most, each
 *     some writes to the broker's logs; 0 to 1 s
 * @param pollTimeout how long a poll waits when there is nothing to do
 * @param brokerTimeout how long a single call to the broker may take before it is tried again
 * @param transactionTimeout when the broker aborts a transaction whose worker is gone; the next
 *     owner may have to wait this long
 * @param attemptLimit starts a record may have before it is given up, 1 to 20
 * @param stopGrace how long a stop waits for running work
 * @param lostOffsets what to do with a partition whose committed offset is missing or past the end
 *     of the log
 * @param kafka client properties for connection and security, for consumer and producer
 * @param consumer further consumer properties, for example {@code group.protocol}
 * @param producer further producer properties
 */
public record IntakeSettings(
    String groupId,
    String transactionalId,
    Map<String, Integer> windows,
    int pollRecords,
    Duration gather,
    Duration pollTimeout,
    Duration brokerTimeout,
    Duration transactionTimeout,
    int attemptLimit,
    Duration stopGrace,
    LostOffsets lostOffsets,
    Map<String, String> kafka,
    Map<String, String> consumer,
    Map<String, String> producer) {

  /** Keys the delivery guarantees depend on; the intake sets them itself. */
  private static final Set<String> RESERVED =
      Set.of(
          "group.id",
          "enable.auto.commit",
          "isolation.level",
          "auto.offset.reset",
          "key.deserializer",
          "value.deserializer",
          "key.serializer",
          "value.serializer",
          "max.poll.records",
          "transactional.id",
          "transaction.timeout.ms",
          "enable.idempotence",
          "acks");

  private static final int MAX_ATTEMPTS = 20;

  private static final int SIZED_BY_SLOTS = 0;
  private static final int RECORDS_PER_SLOT = 4;
  private static final int LEAST_WINDOW = 32;

  /** Checks and copies. */
  public IntakeSettings {
    requireText("groupId", groupId);
    requireText("transactionalId", transactionalId);
    windows = Map.copyOf(requireNonNull(windows, "windows is null"));
    if (windows.isEmpty()) {
      throw new IllegalArgumentException("windows is empty, there must be a lane to take from");
    }
    if (pollRecords < 1) {
      throw new IllegalArgumentException("pollRecords is " + pollRecords + ", must be at least 1");
    }
    for (Map.Entry<String, Integer> window : windows.entrySet()) {
      if (window.getValue() != SIZED_BY_SLOTS && window.getValue() < pollRecords) {
        throw new IllegalArgumentException(
            "window of %s is %d, must be at least pollRecords, %d, or 0 for one that fits the slots"
                .formatted(window.getKey(), window.getValue(), pollRecords));
      }
    }
    if (requireNonNull(gather, "gather is null").isNegative()
        || gather.compareTo(Duration.ofSeconds(1)) > 0) {
      throw new IllegalArgumentException("gather is " + gather + ", must be 0 to 1 s");
    }
    requirePositive("pollTimeout", pollTimeout);
    requirePositive("brokerTimeout", brokerTimeout);
    requirePositive("transactionTimeout", transactionTimeout);
    if (attemptLimit < 1 || attemptLimit > MAX_ATTEMPTS) {
      throw new IllegalArgumentException(
          "attemptLimit is " + attemptLimit + ", must be 1 to " + MAX_ATTEMPTS);
    }
    if (requireNonNull(stopGrace, "stopGrace is null").isNegative()) {
      throw new IllegalArgumentException("stopGrace is " + stopGrace + ", must not be negative");
    }
    requireNonNull(lostOffsets, "lostOffsets is null");
    kafka = passedThrough("kafka", kafka);
    consumer = passedThrough("consumer", consumer);
    producer = passedThrough("producer", producer);
  }

  /**
   * The defaults: windows that fit the slots, 3 attempts, at least 20 ms between transactions, 15 s
   * to stop.
   */
  public static IntakeSettings defaults(String transactionalId, Map<String, String> kafka) {
    return new IntakeSettings(
        "utter-synthesis",
        transactionalId,
        Map.of(
            Topics.WORK_INTERACTIVE, SIZED_BY_SLOTS,
            Topics.WORK_NORMAL, SIZED_BY_SLOTS,
            Topics.WORK_BULK, SIZED_BY_SLOTS),
        8,
        Duration.ofMillis(20),
        Duration.ofMillis(200),
        Duration.ofSeconds(10),
        Duration.ofSeconds(15),
        3,
        Duration.ofSeconds(15),
        LostOffsets.REFUSE,
        kafka,
        Map.of(),
        Map.of());
  }

  /**
   * These settings with numbers in place of the windows left to the engine's slots: enough for the
   * utterances in the engine, as many being finished, and as many being prepared.
   *
   * @param slots utterances the engine generates at a time
   */
  public IntakeSettings sizedFor(int slots) {
    int fitting = Math.max(Math.max(LEAST_WINDOW, pollRecords), RECORDS_PER_SLOT * slots);
    Map<String, Integer> sized = new HashMap<>(windows);
    sized.replaceAll((lane, window) -> window == SIZED_BY_SLOTS ? fitting : window);
    return new IntakeSettings(
        groupId,
        transactionalId,
        sized,
        pollRecords,
        gather,
        pollTimeout,
        brokerTimeout,
        transactionTimeout,
        attemptLimit,
        stopGrace,
        lostOffsets,
        kafka,
        consumer,
        producer);
  }

  private static void requireText(String name, String value) {
    if (requireNonNull(value, name + " is null").isBlank()) {
      throw new IllegalArgumentException(name + " is blank");
    }
  }

  private static Map<String, String> passedThrough(String name, Map<String, String> properties) {
    for (String key : requireNonNull(properties, name + " is null").keySet()) {
      if (RESERVED.contains(key)) {
        throw new IllegalArgumentException(
            name + " sets " + key + ", which the intake sets itself: promises depend on it");
      }
    }
    return Map.copyOf(properties);
  }

  /** Names what is set and hides the values that may hold secrets. */
  @Override
  public String toString() {
    return "IntakeSettings[groupId=%s, transactionalId=%s, windows=%s, attemptLimit=%d, kafka=%s, consumer=%s, producer=%s]"
        .formatted(
            groupId,
            transactionalId,
            windows,
            attemptLimit,
            kafka.keySet(),
            consumer.keySet(),
            producer.keySet());
  }
}
