package dev.utter.worker.admission;

import static java.util.Objects.requireNonNull;

import dev.utter.worker.failure.WorkerBrokenException;
import dev.utter.worker.publisher.PublisherLimits;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Optional;

/**
 * What one publisher has used of its limits: for each, the time by which it will be used no more if
 * nothing is added. What may be used at once is what the limit gives in a minute.
 *
 * @param at time of the latest request, by the publisher's clock, which never goes back
 * @param requestsUntil by when the requests so far are worked off at the limit
 * @param audioUntil by when their audio is
 * @param touchedAt when this was written, by the worker's clock
 */
record PublisherUsage(Instant at, Instant requestsUntil, Instant audioUntil, Instant touchedAt) {
  private static final byte VERSION = 1;
  private static final int BYTES = 1 + 4 * Long.BYTES;
  private static final Duration WINDOW = Duration.ofMinutes(1);

  /** Older requests count as published this long ago: a publisher dates its records itself. */
  private static final Duration MAX_AGE = Duration.ofHours(1);

  PublisherUsage {
    requireNonNull(at, "at is null");
    requireNonNull(requestsUntil, "requestsUntil is null");
    requireNonNull(audioUntil, "audioUntil is null");
    requireNonNull(touchedAt, "touchedAt is null");
  }

  /** Of a publisher that has used nothing. */
  static final PublisherUsage NONE =
      new PublisherUsage(Instant.EPOCH, Instant.EPOCH, Instant.EPOCH, Instant.EPOCH);

  /**
   * What a request makes of it.
   *
   * @param after the usage with the request, or without if it is refused
   * @param pause how long the publisher has to wait before it is not refused; empty if it is
   *     admitted
   */
  record Decision(PublisherUsage after, Optional<Duration> pause) {}

  /**
   * Decides on one request.
   *
   * @param publishedAt time of its record
   * @param audioMillis what its text will come to
   * @param now the worker's clock
   */
  Decision decide(PublisherLimits limits, Instant publishedAt, long audioMillis, Instant now) {
    Instant time = latest(at, latest(now.minus(MAX_AGE), earliest(publishedAt, now)));
    Instant requests = add(requestsUntil, time, 1_000, limits.requestsPerMinute());
    Instant audio = add(audioUntil, time, audioMillis, limits.audioSecondsPerMinute());
    Instant full = time.plus(WINDOW);
    Instant later = latest(requests, audio);
    boolean exceeded =
        (requests.isAfter(full) && requestsUntil.isAfter(time))
            || (audio.isAfter(full) && audioUntil.isAfter(time));
    if (exceeded) {
      return new Decision(
          new PublisherUsage(time, requestsUntil, audioUntil, now),
          Optional.of(Duration.between(full, later)));
    }
    return new Decision(new PublisherUsage(time, requests, audio, now), Optional.empty());
  }

  /** Adds thousandths of what the limit gives a number of each minute; a limit of 0 gives all. */
  private static Instant add(Instant until, Instant time, long thousandths, int perMinute) {
    if (perMinute == 0) {
      return Instant.EPOCH;
    }
    return latest(until, time).plus(WINDOW.multipliedBy(thousandths).dividedBy(1_000L * perMinute));
  }

  private static Instant latest(Instant one, Instant other) {
    return one.isAfter(other) ? one : other;
  }

  private static Instant earliest(Instant one, Instant other) {
    return one.isBefore(other) ? one : other;
  }

  /** Version, then the times in microseconds. */
  byte[] toBytes() {
    return ByteBuffer.allocate(BYTES)
        .put(VERSION)
        .putLong(micros(at))
        .putLong(micros(requestsUntil))
        .putLong(micros(audioUntil))
        .putLong(micros(touchedAt))
        .array();
  }

  private static long micros(Instant time) {
    return ChronoUnit.MICROS.between(Instant.EPOCH, time);
  }

  private static Instant next(ByteBuffer buffer) {
    return Instant.EPOCH.plus(buffer.getLong(), ChronoUnit.MICROS);
  }

  /**
   * A usage from its bytes.
   *
   * @throws WorkerBrokenException if a newer worker wrote it
   */
  static PublisherUsage fromBytes(byte[] bytes) {
    if (bytes.length != BYTES || bytes[0] != VERSION) {
      throw new WorkerBrokenException(
          "the store of publishers has an entry that this worker cannot read: it was written by a"
              + " newer worker; run that version, or delete the store's changelog topic");
    }
    ByteBuffer buffer = ByteBuffer.wrap(bytes, 1, bytes.length - 1);
    return new PublisherUsage(next(buffer), next(buffer), next(buffer), next(buffer));
  }
}
