package dev.utter.worker.synthesis.job;

import static java.util.Objects.requireNonNull;

import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.EnumMap;
import java.util.Map;
import java.util.Optional;
import java.util.function.BooleanSupplier;
import java.util.function.LongSupplier;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Success and failure of each step over all jobs: whether it succeeds for any job, and whether it
 * stands still. This determines the patience with one job, readiness, and whether the worker is
 * hung. Thread-safe.
 */
public final class StepHealth {
  private static final Logger LOGGER = LoggerFactory.getLogger(StepHealth.class);

  /** Time between two warnings about one step. */
  private static final Duration WARN = Duration.ofMinutes(1);

  /** Time between two probes of the store. */
  private static final Duration PROBE = Duration.ofSeconds(30);

  /** Max failures in a row that count as a temporary fault. */
  private static final int PASSING = 2;

  private static final class Record {
    private Instant lastSuccess = Instant.MIN;
    private Instant failingSince = Instant.MAX;
    private Instant lastFailure = Instant.MIN;
    private @Nullable Job lastFailed;
    private Instant othersFailed = Instant.MIN;
    private int failuresInARow;
    private boolean several;
    private boolean ofStore;
    private String reason = "";
    private Instant nextWarning = Instant.MIN;
    private int running;

    /** By the ticker: a change of the system clock must not affect liveness. */
    private long lastMove;
  }

  private final Map<JobStep, Record> records = new EnumMap<>(JobStep.class);
  private final BooleanSupplier store;
  private final Duration staleAfter;
  private final Clock clock;
  private final LongSupplier nanos;
  private Instant nextProbe = Instant.MIN;
  private boolean storeAnswers;

  /**
   * Nothing known yet.
   *
   * @param store probes whether the store answers; may block for one call
   * @param longestPause longest pause between two attempts at a step
   * @param nanos ticker in nanoseconds
   */
  public StepHealth(BooleanSupplier store, Duration longestPause, Clock clock, LongSupplier nanos) {
    this.store = store;
    this.staleAfter = longestPause.multipliedBy(2).plus(WARN);
    this.clock = clock;
    this.nanos = nanos;
    for (JobStep step : JobStep.values()) {
      records.put(step, new Record());
    }
  }

  public synchronized void began(JobStep step) {
    Record record = requireNonNull(records.get(step));
    if (record.running++ == 0) {
      record.lastMove = nanos.getAsLong();
    }
  }

  public synchronized void ended(JobStep step) {
    Record record = requireNonNull(records.get(step));
    record.running--;
    record.lastMove = nanos.getAsLong();
  }

  public synchronized void succeeded(JobStep step) {
    Record record = requireNonNull(records.get(step));
    record.lastSuccess = clock.instant();
    record.failingSince = Instant.MAX;
    record.failuresInARow = 0;
    record.several = false;
  }

  /**
   * The step failed for a job in a way that may pass.
   *
   * @param failures of this job in this step, this one included
   * @param ofStore whether it was the store that failed
   */
  public synchronized void failed(
      JobStep step, Job job, int failures, boolean ofStore, String reason) {
    Record record = requireNonNull(records.get(step));
    Instant now = clock.instant();
    if (record.failuresInARow++ == 0) {
      record.failingSince = now;
    }
    record.ofStore = ofStore;
    if (record.lastFailed != job) {
      record.several |= record.failuresInARow > 1;
      record.othersFailed = record.lastFailure;
      record.lastFailed = job;
    }
    record.lastFailure = now;
    record.reason = reason;
    if (failures > PASSING && !now.isBefore(record.nextWarning)) {
      record.nextWarning = now.plus(WARN);
      LOGGER
          .atWarn()
          .addKeyValue("step", step.label())
          .addKeyValue("delivery", job.delivery())
          .addKeyValue("failures", failures)
          .addKeyValue("reason", reason)
          .log("Step keeps failing");
    }
  }

  /**
   * Whether the step served others since it failed for this job: it succeeded for another job or,
   * if no other job tried, the store answers.
   *
   * @param ofStore whether the store failed; otherwise the store is not probed
   */
  public boolean servesOthers(JobStep step, Instant since, boolean ofStore) {
    synchronized (this) {
      Record record = requireNonNull(records.get(step));
      if (record.lastSuccess.isAfter(since)) {
        return true;
      }
      if (record.othersFailed.isAfter(since) || !ofStore) {
        return false;
      }
      if (clock.instant().isBefore(nextProbe)) {
        return storeAnswers;
      }
      nextProbe = clock.instant().plus(PROBE);
    }
    // Outside the lock: it takes as long as a call to the store.
    boolean answers = store.getAsBoolean();
    synchronized (this) {
      storeAnswers = answers;
      return answers;
    }
  }

  /** The steps that fail for all jobs, and why; empty if there is none. */
  public synchronized Optional<String> trouble() {
    String trouble =
        records.entrySet().stream()
            .filter(entry -> isFailing(entry.getValue()) && !isAboutOneObject(entry.getValue()))
            .map(
                entry ->
                    "%s fails since %s: %s"
                        .formatted(
                            entry.getKey().label(),
                            entry.getValue().failingSince,
                            entry.getValue().reason))
            .collect(Collectors.joining("; "));
    return trouble.isEmpty() ? Optional.empty() : Optional.of(trouble);
  }

  /** Whether a step fails for several jobs and succeeds for none. */
  public synchronized boolean isOutage() {
    return records.values().stream().anyMatch(record -> record.several && isFailing(record));
  }

  /** The step in native code that has ended for no job within the limit; empty if none. */
  public synchronized Optional<String> hung(Duration limit) {
    long now = nanos.getAsLong();
    return records.entrySet().stream()
        .filter(entry -> entry.getKey().isNative() && entry.getValue().running > 0)
        .filter(entry -> now - entry.getValue().lastMove > limit.toNanos())
        .map(
            entry ->
                "%s has stood still for %d s"
                    .formatted(
                        entry.getKey().label(),
                        Duration.ofNanos(now - entry.getValue().lastMove).toSeconds()))
        .findFirst();
  }

  /** Only one job fails, and the store answers others. */
  private boolean isAboutOneObject(Record record) {
    return record.ofStore && !record.several && storeAnswers;
  }

  private boolean isFailing(Record record) {
    return record.failuresInARow > PASSING
        && record.lastFailure.isAfter(clock.instant().minus(staleAfter));
  }
}
