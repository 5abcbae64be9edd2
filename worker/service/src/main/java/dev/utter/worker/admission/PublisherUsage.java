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
 * One publisher's usage of its limits, as leaky buckets: for each limit, the time at which the
 * bucket is empty if nothing is added. A bucket holds what the limit allows in one minute.
 *
 * @param at time of the latest request, by the publisher's clock, which never goes back
 * @param requestsUntil when the bucket of requests is empty
 * @param audioUntil when the bucket of audio is empty
 * @param touchedAt when this was written, by the worker's clock
 */
record PublisherUsage(Instant at, Instant requestsUntil, Instant audioUntil, Instant touchedAt) {
  private static final byte VERSION = 1;
  private static final int BYTES = 1 + 4 * Long.BYTES;
  private static final Duration WINDOW = Duration.ofMinutes(1);

  /** An older timestamp counts as this old, because publishers set timestamps themselves. */
  private static final Duration MAX_AGE = Duration.ofHours(1);

  PublisherUsage {
    requireNonNull(at, "at is null");
    requireNonNull(requestsUntil, "requestsUntil is null");
    requireNonNull(audioUntil, "audioUntil is null");
    requireNonNull(touchedAt, "touchedAt is null");
  }

  /** Usage of a publisher that has used nothing. */
  static final PublisherUsage NONE =
      new PublisherUsage(Instant.EPOCH, Instant.EPOCH, Instant.EPOCH, Instant.EPOCH);

  /**
   * Result of one request.
   *
   * @param after the usage with the request, or without if it is refused
   * @param pause time until the request would be admitted; empty if it is admitted now
   */
  record Decision(PublisherUsage after, Optional<Duration> pause) {}

  /**
   * Decides on one request.
   *
   * @param publishedAt time of its record
   * @param audioMillis expected audio of its text, in milliseconds
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

  /**
   * Adds thousandths of a unit to a bucket that empties by {@code perMinute} units a minute; with a
   * limit of 0 the bucket is always empty.
   */
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

  /** Binary form: version, then the times in microseconds. */
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
