package dev.utter.worker.intake;

import static dev.utter.worker.settings.source.SettingType.choice;
import static dev.utter.worker.settings.source.SettingType.duration;
import static dev.utter.worker.settings.source.SettingType.integer;
import static dev.utter.worker.settings.source.SettingType.positiveDuration;
import static java.util.Objects.requireNonNull;

import dev.utter.events.Topics;
import dev.utter.worker.intake.offsets.LostOffsets;
import dev.utter.worker.settings.source.Durations;
import dev.utter.worker.settings.source.Setting;
import dev.utter.worker.settings.source.SettingDefault;
import dev.utter.worker.settings.source.SettingGroup;
import dev.utter.worker.settings.source.SettingsSource;
import java.time.Duration;
import java.util.Map;
import java.util.OptionalInt;
import java.util.Set;

/**
 * Settings of the intake; section {@code intake}. How many records a poll brings, how long it waits
 * and how long a call to the broker may take is fixed in a worker.
 *
 * @param groupId consumer group of all synthesis workers
 * @param transactionalId unique per worker instance, and best the same after its restart: the new
 *     process then ends the open transaction of the old one at once
 * @param lanes topics to take from
 * @param window how many records of each lane may be held, at least {@code pollRecords}; empty for
 *     a number that fits the engine, see {@link #windowFor}
 * @param pollRecords records one poll may bring
 * @param pollTimeout how long a poll waits when there is nothing to do
 * @param brokerTimeout how long a single call to the broker may take before it is tried again
 * @param kafka client properties for connection and security, for consumer and producer
 * @param consumer further consumer properties, for example {@code group.protocol}
 * @param producer further producer properties
 */
public record IntakeSettings(
    String groupId,
    String transactionalId,
    Set<String> lanes,
    OptionalInt window,
    int pollRecords,
    Duration commitInterval,
    Duration pollTimeout,
    Duration brokerTimeout,
    Duration transactionTimeout,
    int attemptLimit,
    Duration stopGrace,
    LostOffsets lostOffsets,
    Map<String, String> kafka,
    Map<String, String> consumer,
    Map<String, String> producer) {
  /** The settings. */
  public static final SettingGroup GROUP = new SettingGroup("intake", "Intake");

  private static final int RECORDS_PER_SLOT = 4;
  private static final int MIN_FITTING_WINDOW = 32;

  private static final Setting<Integer> WINDOW =
      GROUP.advanced(
          "window",
          integer(1),
          SettingDefault.auto("four a slot, at least 32"),
          "records of each lane that a worker holds");

  private static final Setting<Integer> ATTEMPT_LIMIT =
      GROUP.advanced(
          "attemptLimit", integer(1, 20), 3, "starts that a record may have before it is given up");

  private static final Duration MAX_STOP_GRACE_BY_DEFAULT = Duration.ofSeconds(15);

  private static final Setting<Duration> STOP_GRACE =
      GROUP.advanced(
          "stopGrace",
          duration().must("0s or more", value -> !value.isNegative()),
          SettingDefault.auto("15s, at most two thirds of `worker.stopTimeout`"),
          "how long a stop waits for running work; not above `worker.stopTimeout`");

  private static final Setting<LostOffsets> LOST_OFFSETS =
      GROUP.advanced(
          "lostOffsets",
          choice(LostOffsets.class),
          LostOffsets.REFUSE,
          "what to do with a partition of a lane whose committed offset is missing, or past the end"
              + " of the log, while the log holds records. `REFUSE`: leave it alone, not ready, until"
              + " you decide. `START_AT_BEGINNING`: take every record, outcomes may be repeated."
              + " `START_AT_END`: leave them out, requests may have no outcome");

  private static final Setting<Duration> COMMIT_INTERVAL =
      GROUP.advanced(
          "commitInterval",
          duration(Duration.ZERO, Duration.ofSeconds(1)),
          Duration.ofMillis(20),
          "minimum time between the begins of two transactions: outcomes that come within it share"
              + " the next one, an outcome that comes later is published at once. Shorter means"
              + " sooner, longer means fewer transactions, each some writes to the broker's logs");

  private static final Setting<Duration> TRANSACTION_TIMEOUT =
      GROUP.advanced(
          "transactionTimeout",
          positiveDuration(),
          Duration.ofSeconds(15),
          "when the broker aborts a transaction whose worker is gone; the next owner may have to"
              + " wait this long");

  private static final int POLL_RECORDS = 8;
  private static final Duration POLL_TIMEOUT = Duration.ofMillis(200);
  private static final Duration BROKER_TIMEOUT = Duration.ofSeconds(10);

  /** Checks and copies. */
  public IntakeSettings {
    requireText("groupId", groupId);
    requireText("transactionalId", transactionalId);
    lanes = Set.copyOf(requireNonNull(lanes, "lanes is null"));
    if (lanes.isEmpty()) {
      throw new IllegalArgumentException("lanes is empty, there must be a lane to take from");
    }
    if (pollRecords < 1) {
      throw new IllegalArgumentException("pollRecords is " + pollRecords + ", must be 1 or more");
    }
    if (window.isPresent() && WINDOW.check(window.getAsInt()) < pollRecords) {
      throw WINDOW.refusal(
          window.getAsInt(), "at least the number of records that a poll brings, " + pollRecords);
    }
    COMMIT_INTERVAL.check(commitInterval);
    requireNonNull(pollTimeout, "pollTimeout is null");
    requireNonNull(brokerTimeout, "brokerTimeout is null");
    TRANSACTION_TIMEOUT.check(transactionTimeout);
    ATTEMPT_LIMIT.check(attemptLimit);
    STOP_GRACE.check(stopGrace);
    requireNonNull(lostOffsets, "lostOffsets is null");
    kafka = Map.copyOf(kafka);
    consumer = Map.copyOf(consumer);
    producer = Map.copyOf(producer);
  }

  /** The defaults. */
  public static IntakeSettings defaults(String transactionalId, Map<String, String> kafka) {
    return read(
        SettingsSource.empty(),
        new Clients("utter-synthesis", transactionalId, kafka, Map.of(), Map.of()),
        MAX_STOP_GRACE_BY_DEFAULT.multipliedBy(2));
  }

  /**
   * Settings of the intake's clients from other sections, see {@link IntakeSettings}.
   *
   * @param groupId consumer group of all synthesis workers
   * @param transactionalId unique per worker instance
   * @param kafka client properties for connection and security
   * @param consumer further consumer properties
   * @param producer further producer properties
   */
  public record Clients(
      String groupId,
      String transactionalId,
      Map<String, String> kafka,
      Map<String, String> consumer,
      Map<String, String> producer) {
    /** Hides the values, which may hold secrets. */
    @Override
    public String toString() {
      return "Clients[groupId=%s, transactionalId=%s]".formatted(groupId, transactionalId);
    }
  }

  /**
   * Reads the settings.
   *
   * @param stopTimeout how long a stop may take in all
   */
  public static IntakeSettings read(SettingsSource source, Clients clients, Duration stopTimeout) {
    return new IntakeSettings(
        clients.groupId(),
        clients.transactionalId(),
        Set.of(Topics.WORK_INTERACTIVE, Topics.WORK_NORMAL, Topics.WORK_BULK),
        source.findInt(WINDOW),
        POLL_RECORDS,
        source.get(COMMIT_INTERVAL),
        POLL_TIMEOUT,
        BROKER_TIMEOUT,
        source.get(TRANSACTION_TIMEOUT),
        source.get(ATTEMPT_LIMIT),
        stopGrace(source, stopTimeout),
        source.get(LOST_OFFSETS),
        clients.kafka(),
        clients.consumer(),
        clients.producer());
  }

  /** By default two thirds of the whole stop at most, so that there is time left for the rest. */
  private static Duration stopGrace(SettingsSource source, Duration stopTimeout) {
    Duration share = stopTimeout.multipliedBy(2).dividedBy(3);
    Duration grace =
        source
            .find(STOP_GRACE)
            .orElse(
                share.compareTo(MAX_STOP_GRACE_BY_DEFAULT) < 0 ? share : MAX_STOP_GRACE_BY_DEFAULT);
    if (grace.compareTo(stopTimeout) > 0) {
      throw STOP_GRACE.refusal(grace, "at most worker.stopTimeout, " + Durations.text(stopTimeout));
    }
    return grace;
  }

  /**
   * How many records of each lane may be held: what is set, or enough for the utterances in the
   * engine, as many being finished, and as many being prepared.
   *
   * @param slots utterances the engine generates at a time
   */
  public int windowFor(int slots) {
    return window.orElse(
        Math.max(Math.max(MIN_FITTING_WINDOW, pollRecords), RECORDS_PER_SLOT * slots));
  }

  private static void requireText(String name, String value) {
    if (requireNonNull(value, name + " is null").isBlank()) {
      throw new IllegalArgumentException(name + " is blank");
    }
  }

  /** Names what is set and hides the values that may hold secrets. */
  @Override
  public String toString() {
    return "IntakeSettings[groupId=%s, transactionalId=%s, lanes=%s, window=%s, attemptLimit=%d, kafka=%s, consumer=%s, producer=%s]"
        .formatted(
            groupId,
            transactionalId,
            lanes,
            window,
            attemptLimit,
            kafka.keySet(),
            consumer.keySet(),
            producer.keySet());
  }
}
