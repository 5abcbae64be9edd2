package dev.utter.worker.synthesis;

import static java.util.Objects.requireNonNull;

import dev.utter.worker.rules.ObjectNames;
import java.time.Duration;
import java.util.Set;

/**
 * Settings of the synthesis.
 *
 * @param worker name of this worker, as events tell it
 * @param outputBucket bucket for requests that name none
 * @param outputBuckets all buckets requests may name; holds {@code outputBucket}
 * @param outputPrefix key prefix for requests that name none, without slash at either end
 * @param contextThreads threads that look up and fetch objects
 * @param finishingThreads threads that mark, encode and store clips
 * @param maxFinishing clips generated and not yet published, before generation waits
 * @param prefetch requests per lane whose context audio is held in memory ahead of the engine
 * @param codesCacheBytes memory for the codes of context audio
 * @param maxContextBytes largest context object
 * @param firstRetry pause before the first repetition of something unavailable; doubles each time
 * @param maxRetry longest such pause
 * @param maxCancellations ids of cancelled requests that are remembered
 * @param cancellationRetention how long they are remembered
 */
public record SynthesisSettings(
    String worker,
    String outputBucket,
    Set<String> outputBuckets,
    String outputPrefix,
    int contextThreads,
    int finishingThreads,
    int maxFinishing,
    int prefetch,
    long codesCacheBytes,
    long maxContextBytes,
    Duration firstRetry,
    Duration maxRetry,
    int maxCancellations,
    Duration cancellationRetention) {

  /** Checks and copies. */
  public SynthesisSettings {
    if (requireNonNull(worker, "worker is null").isBlank()) {
      throw new IllegalArgumentException("worker is blank");
    }
    refuse("outputBucket", outputBucket, ObjectNames.bucketDefect(outputBucket).orElse(null));
    outputBuckets = Set.copyOf(outputBuckets);
    if (!outputBuckets.contains(outputBucket)) {
      throw new IllegalArgumentException(
          "outputBuckets is " + outputBuckets + ", must hold outputBucket, " + outputBucket);
    }
    refuse("outputPrefix", outputPrefix, ObjectNames.prefixDefect(outputPrefix).orElse(null));
    requireAtLeast1("contextThreads", contextThreads);
    requireAtLeast1("finishingThreads", finishingThreads);
    requireAtLeast1("maxFinishing", maxFinishing);
    requireAtLeast1("prefetch", prefetch);
    requireAtLeast1("maxContextBytes", maxContextBytes);
    requireAtLeast1("maxCancellations", maxCancellations);
    if (codesCacheBytes < 0) {
      throw new IllegalArgumentException(
          "codesCacheBytes is " + codesCacheBytes + ", must not be negative");
    }
    requirePositive("firstRetry", firstRetry);
    requirePositive("cancellationRetention", cancellationRetention);
    if (requireNonNull(maxRetry, "maxRetry is null").compareTo(firstRetry) < 0) {
      throw new IllegalArgumentException(
          "maxRetry is " + maxRetry + ", must be at least firstRetry, " + firstRetry);
    }
  }

  /** The defaults for a worker and its one output bucket. */
  public static SynthesisSettings defaults(String worker, String outputBucket) {
    return new SynthesisSettings(
        worker,
        outputBucket,
        Set.of(outputBucket),
        "clips",
        4,
        2,
        8,
        4,
        256L << 20,
        50_000_000,
        Duration.ofMillis(200),
        Duration.ofSeconds(30),
        100_000,
        Duration.ofDays(1));
  }

  private static void refuse(String name, String value, String defect) {
    if (defect != null) {
      throw new IllegalArgumentException(name + " is " + value + ": " + defect);
    }
  }

  private static void requireAtLeast1(String name, long value) {
    if (value < 1) {
      throw new IllegalArgumentException(name + " is " + value + ", must be at least 1");
    }
  }

  private static void requirePositive(String name, Duration value) {
    if (requireNonNull(value, name + " is null").isNegative() || value.isZero()) {
      throw new IllegalArgumentException(name + " is " + value + ", must be above 0");
    }
  }
}
