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
 * @param encodingThreads threads that turn context audio into codes
 * @param finishingThreads threads that mark, encode and store clips; 0 for one a slot, at least 2
 *     and no more than there are processors
 * @param maxFinishing clips generated and not yet published, before requests of their urgency wait
 *     with their start; 0 for two a slot, at least 8
 * @param prefetch requests per lane whose context audio is held in memory ahead of its encoding; 0
 *     for one a slot, 4 to 16
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
    int encodingThreads,
    int finishingThreads,
    int maxFinishing,
    int prefetch,
    long codesCacheBytes,
    long maxContextBytes,
    Duration firstRetry,
    Duration maxRetry,
    int maxCancellations,
    Duration cancellationRetention) {

  private static final int SIZED_BY_SLOTS = 0;

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
    requireAtLeast1("encodingThreads", encodingThreads);
    requireNotNegative("finishingThreads", finishingThreads);
    requireNotNegative("maxFinishing", maxFinishing);
    requireNotNegative("prefetch", prefetch);
    requireAtLeast1("maxContextBytes", maxContextBytes);
    requireAtLeast1("maxCancellations", maxCancellations);
    requireNotNegative("codesCacheBytes", codesCacheBytes);
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
        1,
        SIZED_BY_SLOTS,
        SIZED_BY_SLOTS,
        SIZED_BY_SLOTS,
        256L << 20,
        50_000_000,
        Duration.ofMillis(200),
        Duration.ofSeconds(30),
        100_000,
        Duration.ofDays(1));
  }

  /**
   * These settings with numbers in place of those left to the engine's slots.
   *
   * @param slots utterances the engine generates at a time
   */
  public SynthesisSettings sizedFor(int slots) {
    int processors = Runtime.getRuntime().availableProcessors();
    return new SynthesisSettings(
        worker,
        outputBucket,
        outputBuckets,
        outputPrefix,
        contextThreads,
        encodingThreads,
        sized(finishingThreads, Math.max(2, Math.min(slots, processors))),
        sized(maxFinishing, Math.max(8, 2 * slots)),
        sized(prefetch, Math.max(4, Math.min(slots, 16))),
        codesCacheBytes,
        maxContextBytes,
        firstRetry,
        maxRetry,
        maxCancellations,
        cancellationRetention);
  }

  private static int sized(int setting, int bySlots) {
    return setting == SIZED_BY_SLOTS ? bySlots : setting;
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

  private static void requireNotNegative(String name, long value) {
    if (value < 0) {
      throw new IllegalArgumentException(name + " is " + value + ", must not be negative");
    }
  }

  private static void requirePositive(String name, Duration value) {
    if (requireNonNull(value, name + " is null").isNegative() || value.isZero()) {
      throw new IllegalArgumentException(name + " is " + value + ", must be above 0");
    }
  }
}
